import { expect, test } from 'vitest'
import { PRESETS } from '../../../shared/block/presets'
import { commandText } from '../../../shared/experiment/command-line'
import { defaultExperiment } from '../../../shared/settings/table'
import { lesionCommand, lesionNeedsFile } from '../../../shared/lesion/command'
import { defaultLesionSettings } from '../../../shared/settings/lesion'

const initial = defaultLesionSettings()
const trained = { ...initial, training: true }

test('names both sets of lesions, with the view’s networks and samples', () => {
  expect(lesionCommand({ ...defaultExperiment(), skip: 'off' }, { ...initial, kind: 'duplicate' })).toBe(
    'npx residual-lab lesion --block relu-linear --batch 64 --replicas 5 --each duplicate --random 5',
  )
})

test('trained networks have the experiment’s numbers of networks and samples', () => {
  expect(lesionCommand(defaultExperiment(), trained)).toBe(
    'npx residual-lab lesion --block relu-linear --each delete --random 5 --train',
  )
  expect(lesionCommand({ ...defaultExperiment(), batch: 64 }, trained)).toContain(' --batch 64 ')
  const anew = { ...trained, statistics: 'changed' } as const
  expect(lesionCommand(defaultExperiment(), anew)).toMatch(/ --train --statistics changed$/)
  expect(lesionCommand(defaultExperiment(), { ...anew, training: false })).not.toContain('statistics')
})

test('what has no options comes from the experiment’s file', () => {
  const staged = { ...defaultExperiment(), network: { stages: [{ blocks: 2, width: 8 }] } }
  const drawn = { ...defaultExperiment(), block: [{ ...PRESETS[0], name: 'mine' }] }
  for (const experiment of [staged, drawn]) {
    expect(lesionCommand(experiment as typeof drawn, initial)).toBe(
      'npx residual-lab lesion --experiment experiment.json --skip on --replicas 5 --batch 64 --each delete --random 5',
    )
    expect(commandText(experiment as typeof drawn)).toBe(
      'npx residual-lab signal --experiment experiment.json',
    )
  }
  const slow = { ...defaultExperiment(), learningRate: 0.001 }
  expect([initial, trained].map((settings) => lesionNeedsFile(slow, settings))).toEqual([false, true])
  expect(lesionCommand(slow, trained)).toBe(
    'npx residual-lab lesion --experiment experiment.json --skip on --each delete --random 5 --train',
  )
})
