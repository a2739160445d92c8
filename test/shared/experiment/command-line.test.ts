import { describe, expect, it } from 'vitest'
import { PRESETS } from '../../../shared/block/presets'
import { EXPERIMENT_FILE, commandText, hasDrawnBlock, quote } from '../../../shared/experiment/command-line'
import { defaultExperiment } from '../../../shared/settings/table'
import { openingExperiment } from '../../../shared/experiment/experiment'

describe('commandText', () => {
  it('names the block and only what differs from the defaults', () => {
    expect(commandText(defaultExperiment())).toBe('npx residual-lab signal --block relu-linear')
    expect(commandText({ ...openingExperiment(), seed: 7, gain: 0.5 })).toBe(
      'npx residual-lab signal --block relu-linear --compare linear-relu,relu-linear,practical ' +
        '--remedies none,rsqrt2,batch-norm --gain 0.5 --seed 7',
    )
  })

  it('leaves out what only training uses', () => {
    expect(commandText({ ...defaultExperiment(), steps: 5, learningRate: 1 })).not.toContain('learning')
  })

  it('takes a drawn block from a file', () => {
    const drawn = { ...PRESETS[0], name: 'mine' }
    expect(commandText({ ...defaultExperiment(), block: [drawn] }, 'my experiment.json')).toBe(
      "npx residual-lab signal --experiment 'my experiment.json'",
    )
    const compared = { ...defaultExperiment(), compare: [drawn] }
    expect(commandText(compared)).toContain(EXPERIMENT_FILE)
    expect([compared, defaultExperiment()].map(hasDrawnBlock)).toEqual([true, false])
  })

  it('takes stages from a file', () => {
    const network = { stages: [{ blocks: 1, width: 8, stride: 1 }], shortcut: 'A' } as const
    expect(
      commandText({ ...defaultExperiment(), network: { ...network, stages: [...network.stages] } }),
    ).toBe('npx residual-lab signal --experiment experiment.json')
    expect(commandText(defaultExperiment(), EXPERIMENT_FILE, 'lesion')).toMatch(/^npx residual-lab lesion /)
  })

  it('keeps an empty list an argument of its own', () => {
    expect(commandText({ ...defaultExperiment(), block: [], compare: ['practical'] })).toContain(
      "--block '' ",
    )
  })
})

describe('quote', () => {
  it.each([
    ['plain-word_1.json', 'plain-word_1.json'],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['$(rm)', "'$(rm)'"],
    ['', "''"],
  ])('%s', (word, quoted) => {
    expect(quote(word)).toBe(quoted)
  })
})
