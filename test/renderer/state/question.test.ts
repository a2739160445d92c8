import { describe, expect, it } from 'vitest'
import {
  lineCost,
  measurementCost,
  regionsCost,
  runsByItself,
  trainingCost,
} from '../../../renderer/state/cost'
import { questionKey, type Question } from '../../../renderer/state/question'
import { presetNamed } from '../../../shared/block/presets'
import { defaultExperiment } from '../../../shared/settings/table'
import { openingExperiment } from '../../../shared/experiment/experiment'

const experiment = defaultExperiment()
const changed = (question: Question, change: object) =>
  questionKey(question) !== questionKey({ ...question, experiment: { ...question.experiment, ...change } })

describe('questionKey', () => {
  it('a measurement depends on its settings, and not on those of training', () => {
    const question: Question = { experiment, dependsOn: 'measuring' }
    expect(changed(question, { width: 64 })).toBe(true)
    expect(changed(question, { steps: 7 })).toBe(false)
  })

  it('training depends on its own numbers of networks', () => {
    const question: Question = { experiment, dependsOn: 'training' }
    expect(changed(question, { steps: 7 })).toBe(true)
    expect(changed(question, { replicas: 7 })).toBe(false)
  })

  it('of settings that are named only those count', () => {
    const question: Question = { experiment, dependsOn: ['width', 'seed'] }
    expect(changed(question, { seed: 9 })).toBe(true)
    expect(changed(question, { blocks: 3 })).toBe(false)
  })

  it('what a view asks is one question in whatever order its fields stand', () => {
    const key = (asks: object) => questionKey({ experiment, dependsOn: 'measuring', asks })
    expect(key({ kind: 'delete', draws: 5 })).toBe(key({ draws: 5, kind: 'delete' }))
    expect(key({ draws: [1, 2] })).not.toBe(key({ draws: [2, 1] }))
  })

  it('what a view asks counts, where nodes are drawn does not', () => {
    const question: Question = { experiment, dependsOn: 'measuring', asks: { points: 256 } }
    expect(questionKey({ ...question, asks: { points: 128 } })).not.toBe(questionKey(question))
    const graph = presetNamed('relu-linear')
    const drawn = { ...experiment, block: [graph] }
    const moved = { ...drawn, block: [{ ...graph, layout: { [graph.output]: { x: 1, y: 2 } } }] }
    const key = (of: object) => questionKey({ ...question, experiment: { ...experiment, ...of } })
    expect(key(moved)).toBe(key(drawn))
  })
})

describe('what runs by itself', () => {
  it('the opening settings of every view do', () => {
    for (const one of [experiment, openingExperiment()]) {
      expect(runsByItself(measurementCost(one))).toBe(true)
      expect(runsByItself(lineCost(one, 8, 256))).toBe(true)
      expect(runsByItself(regionsCost(one, 160))).toBe(true)
    }
  })

  it('a thousand times the width does not, nor does training', () => {
    expect(runsByItself(measurementCost({ ...experiment, width: 10_000 }))).toBe(false)
    expect(runsByItself(trainingCost({ ...experiment, steps: 1000 }))).toBe(false)
  })

  it('training counts the updates that its epochs make: 4000 samples in batches of 100', () => {
    const training = { ...experiment, batch: 100, steps: 7 }
    expect(trainingCost({ ...training, epochs: 3 })).toBe(trainingCost({ ...training, steps: 120 }))
  })

  it('training counts gradients: of 64 points and, of 10 outputs, of 64 samples, at each evaluation', () => {
    const training = { ...experiment, batch: 100, steps: 95, evaluateEvery: 10 }
    const [plain, everywhere] = (['off', 'on'] as const).map((shattering) => ({ ...training, shattering }))
    const sample = trainingCost(plain) / 9500
    // At 0, 10, …, 90 and 95.
    expect(trainingCost(everywhere)).toBeCloseTo(sample * (9500 + 11 * 704), 0)
    expect(trainingCost(everywhere, true)).toBe(trainingCost(everywhere))
    expect(trainingCost(plain, true)).toBeCloseTo(sample * (9500 + 2 * 704), 0)
  })

  it('counts weights times inputs: 20 blocks of 100 × 100, 20 networks of 128 samples', () => {
    expect(measurementCost(experiment)).toBe(20 * 100 * 100 * 20 * 128)
  })
})
