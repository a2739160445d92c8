import { expect, test } from 'vitest'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { pointKey, sweepId } from '../../../shared/sweep/identity'

const SWEPT = [{ key: 'gain' as const, values: [0.5, 1, 2] }]
const asked = (changes: Partial<Experiment> = {}) => ({
  experiment: { ...defaultExperiment(), ...changes },
  beside: {},
})

test('a sweep is known by what its results depend on, and by nothing else', () => {
  const plain = sweepId('signal', asked(), SWEPT)
  expect(plain).toMatch(/^sweep-[0-9a-f]{12}$/)
  // Training's settings, sections of views, the values of what is swept, the place of nodes.
  const same: Partial<Experiment>[] = [
    { learningRate: 0.5, steps: 7 },
    { depth: { depths: [2, 6], skip: 'on' } },
    { gain: 2 },
  ]
  for (const changes of same) expect(sweepId('signal', asked(changes), SWEPT)).toBe(plain)
  const others: Partial<Experiment>[] = [{ width: 8 }, { seed: 2 }, { blocks: 3 }, { init: 'lecun' }]
  const ids = others.map((changes) => sweepId('signal', asked(changes), SWEPT))
  expect(new Set([plain, ...ids]).size).toBe(1 + others.length)
  expect(sweepId('train', asked(), SWEPT)).not.toBe(plain)
  expect(sweepId('signal', asked(), [{ key: 'gain', values: [0.5, 1] }])).not.toBe(plain)
})

test('a trained point depends on what acts in training', () => {
  const key = (changes: Partial<Experiment>) =>
    pointKey('train', { experiment: trainingExperiment(asked(changes).experiment), beside: {} })
  const plain = key({})
  expect(plain).toMatch(/^[0-9a-f]{16}$/)
  // Networks that are measured apart, and what momentum-free descent has no use for.
  expect(key({ replicas: 3 })).toBe(plain)
  expect(key({ optimizer: 'sgd', beta2: 0.5 })).toBe(key({ optimizer: 'sgd' }))
  expect(key({ learningRate: 0.5 })).not.toBe(plain)
  expect(key({ trainReplicas: 2 })).not.toBe(plain)
})

test('a drawn block is the same wherever its nodes stand', () => {
  const drawn = (x: number) =>
    pointKey('signal', {
      experiment: defaultExperiment(),
      beside: { block: { name: 'own', layout: { relu: { x, y: 0 } } } },
    })
  expect(drawn(1)).toBe(drawn(2))
})
