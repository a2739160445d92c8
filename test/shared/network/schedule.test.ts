import { describe, expect, test } from 'vitest'
import { noEvaluations } from '../../../shared/network/results'
import {
  endsEarly,
  evaluationInterval,
  learningRateAt,
  rateFactor,
  trainingSteps,
} from '../../../shared/network/schedule'
import { defaultExperiment } from '../../../shared/settings/table'
import type { Experiment } from '../../../shared/settings/experiment'

const factors = (changes: Partial<Experiment>, steps = 10) =>
  Array.from({ length: steps }, (_, step) => rateFactor(step, { ...defaultExperiment(), steps, ...changes }))

describe('the learning rate', () => {
  test('constant, and after a warm-up', () => {
    expect(factors({})).toEqual(new Array(10).fill(1))
    expect(factors({ warmup: 4 }).slice(0, 5)).toEqual([0.25, 0.5, 0.75, 1, 1])
  })

  test('decays once more from each milestone on', () => {
    const [a, b] = [0.1, 0.1 ** 2]
    expect(factors({ schedule: 'step' })).toEqual([1, 1, 1, 1, 1, a, a, a, b, b])
    expect(factors({ schedule: 'step', milestones: [], decay: 0 })).toEqual(new Array(10).fill(1))
    expect(factors({ schedule: 'step', milestones: [0], decay: 0.5 })[0]).toBe(0.5)
  })

  test('follows half a cosine to where the next step would have none', () => {
    const found = factors({ schedule: 'cosine' })
    expect(found[0]).toBe(1)
    expect(found[5]).toBeCloseTo(0.5, 12)
    expect(found[9]).toBeCloseTo((1 + Math.cos(0.9 * Math.PI)) / 2, 12)
  })

  test('rises and falls once', () => {
    // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=10), with its defaults.
    const torch = [0.04, 0.52, 1, 0.9504846320134736, 0.8117456539497631]
    factors({ schedule: 'one-cycle' })
      .slice(0, 5)
      .forEach((factor, step) => expect(factor).toBeCloseTo(torch[step], 12))
    expect(factors({ schedule: 'one-cycle' })[9]).toBeCloseTo(4e-6, 12)
    for (const steps of [1, 2, 3]) {
      factors({ schedule: 'one-cycle' }, steps).forEach((factor) => {
        expect(factor).toBeGreaterThan(0)
        expect(factor).toBeLessThanOrEqual(1)
      })
    }
  })

  test('after the last step is that of the last', () => {
    const experiment = { ...defaultExperiment(), steps: 10, schedule: 'cosine' as const, learningRate: 2 }
    expect(learningRateAt(10, experiment)).toBe(learningRateAt(9, experiment))
    expect(learningRateAt(0, experiment)).toBe(2)
  })
})

test('epochs are full batches of all samples; without them steps decide', () => {
  expect(trainingSteps({ steps: 7, epochs: 0, batch: 128 })).toBe(7)
  expect(trainingSteps({ steps: 7, epochs: 2, batch: 128 })).toBe(2 * 31)
  expect(trainingSteps({ steps: 7, epochs: 3, batch: 4000 })).toBe(3)
})

test('evaluations are twenty unless the experiment says otherwise, and ten steps apart at least', () => {
  expect(evaluationInterval({ steps: 1000, evaluateEvery: 0 })).toBe(50)
  expect(evaluationInterval({ steps: 30, evaluateEvery: 0 })).toBe(10)
  expect(evaluationInterval({ steps: 1000, evaluateEvery: 7 })).toBe(7)
})

test('training ends when no series has got better for as long as patience lasts', () => {
  const of = (...losses: number[][]) => ({ ...noEvaluations(), test: { loss: losses, error: losses } })
  const better = of([3, 3], [2, 2], [1, 2])
  const worse = of([1, 1], [2, 2], [NaN, 1])
  expect(endsEarly([worse], 0)).toBe(false)
  expect(endsEarly([worse], 2)).toBe(true)
  expect(endsEarly([worse], 3)).toBe(false)
  expect(endsEarly([worse, better], 1)).toBe(false)
  expect(endsEarly([of()], 1)).toBe(false)
})
