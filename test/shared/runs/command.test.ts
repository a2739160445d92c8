import { expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { runCommand } from '../../../shared/runs/command'
import { defaultShatter } from '../../../shared/settings/shatter'
import { defaultExperiment } from '../../../shared/settings/table'

const experiment = { ...defaultExperiment(), remedies: ['rsqrt2'], seed: 3 }
const usual = '--block relu-linear --remedies rsqrt2 --seed 3'

test.each([
  ['signal', {}, `signal ${usual}`],
  ['train', {}, `train ${usual}`],
  ['depth', {}, `depth ${usual}`],
  ['lesion', { lesion: { delete: [1, 2] } }, `lesion ${usual} --delete 1,2`],
  [
    'lesion',
    { lesion: { each: 'delete', random: 5 }, training: true },
    `lesion ${usual} --each delete --random 5 --train`,
  ],
  [
    'lesion',
    { lesion: { delete: [1] }, training: true, trained: 'fern-12' },
    'lesion --run fern-12 --delete 1',
  ],
  [
    'lesion',
    { lesion: { delete: [1] }, training: true, trained: 'fern-12', statistics: 'changed' },
    'lesion --run fern-12 --delete 1 --statistics changed',
  ],
  ['shatter', { settings: { ...defaultShatter(), points: 64 } }, `shatter ${usual} --width 100 --points 64`],
] as const)('a run of %s %j is made again by its command', (kind, asked, command) => {
  expect(runCommand(kind, experiment, asked)).toBe(`npx residual-lab ${command}`)
})

test('orderings name their set', () => {
  const order = { blocks: ['original', 'practical'], remedies: ['none'], seeds: 2, train: true }
  expect(runCommand('order', { ...experiment, order }, {})).toBe(
    'npx residual-lab order --block original,practical --seed 3 --remedies none --order-seeds 2 --train on',
  )
})

test('paths say which terms, and whether their networks were trained', () => {
  const command = runCommand('paths', experiment, { listing: 'length', training: true })
  expect(command).toMatch(/^npx residual-lab paths --block relu-linear .* --terms length --train$/)
})

test('what has no words is read from the run’s own experiment', () => {
  const drawn = { ...experiment, block: [{ ...presetNamed('practical'), name: 'mine' }] }
  expect(runCommand('signal', drawn, {})).toBe('npx residual-lab signal --experiment experiment.json')
})
