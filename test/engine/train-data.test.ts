import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { trainNetworks } from '../../main/trainer/engine/train'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import { parseExperiment, trainingExperiment } from '../../shared/experiment/experiment'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

/** Test errors before training and after it, means over networks. */
function learn(changes: Record<string, unknown>) {
  const experiment = trainingExperiment(
    parseExperiment({
      blocks: 3,
      width: 32,
      trainReplicas: 2,
      batch: 50,
      steps: 200,
      evaluateEvery: 200,
      remedies: ['batch-norm'],
      ...changes,
    }),
  )
  const { evaluations, test: last } = trainNetworks(backend, experiment, createControl(), () => {}).series[0]
  return { experiment, first: evaluations.test.error[0], last: last!.error.mean }
}

// What a network that tells nothing apart gets wrong is 1 - 1/classes.
test.each([
  ['digits', 0.1, 'data'],
  ['spirals', 0.1, 'data'],
  ['circles', 0.06, 'data'],
  ['moons', 0.02, 'data'],
  ['teacher', 0.75, 'data'],
])('dense networks learn %s: test error below %d', (data, most, input) => {
  const { experiment, first, last } = learn({ data })
  expect(experiment).toMatchObject({ data, input, stem: 'linear' })
  expect(first).toHaveLength(2)
  expect(last).toBeLessThan(most)
  expect(last).toBeLessThan(0.9 * first.reduce((sum, one) => sum + one / 2, 0))
})

test('convolutional networks learn the digits as images', () => {
  const block = [convolutional(presetNamed('full-preactivation'), 2)]
  const { experiment, last } = learn({
    data: 'digits',
    input: 'images',
    stem: 'linear',
    block,
    remedies: ['none'],
    width: 8,
    blocks: 2,
    steps: 200,
    learningRate: 0.05,
  })
  expect(experiment.input).toBe('data-grid')
  expect(last).toBeLessThan(0.1)
})
