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
async function learn(changes: Record<string, unknown>) {
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
  const result = (await trainNetworks(backend, experiment, createControl(), () => {})).series[0]
  return { experiment, result, first: result.evaluations.test.error[0], last: result.test!.error.mean }
}

// What a network that tells nothing apart gets wrong is 1 - 1/classes.
test.each([
  ['digits', 0.1, 'data'],
  ['spirals', 0.1, 'data'],
  ['circles', 0.06, 'data'],
  ['moons', 0.02, 'data'],
  ['teacher', 0.75, 'data'],
])('dense networks learn %s: test error below %d', async (data, most, input) => {
  const { experiment, first, last } = await learn({ data })
  expect(experiment).toMatchObject({ data, input, stem: 'linear' })
  expect(first).toHaveLength(2)
  expect(last).toBeLessThan(most)
  expect(last).toBeLessThan(0.9 * first.reduce((sum, one) => sum + one / 2, 0))
})

test('convolutional networks learn the digits as images', async () => {
  const block = [convolutional(presetNamed('full-preactivation'), 2)]
  const { experiment, last } = await learn({
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

// A network that always says the training part's mean has an error of about 1: what is learned is the share of the
// variance that is not left. The noise alone leaves 7 % of sin(x)/x, and 4 % of Friedman's function.
test.each([
  ['sinc', 0.25],
  ['franke', 0.15],
  ['friedman', 0.3],
  ['teacher-values', 0.5],
])('dense networks learn the real targets of %s: test error below %d', async (data, most) => {
  const { first, last, result } = await learn({
    ...{ data, remedies: ['rsqrt2'], learningRate: 0.005 },
    ...{ steps: 400, evaluateEvery: 400 },
  })
  expect(first).toHaveLength(2)
  expect(Math.min(...first)).toBeGreaterThan(0.8)
  expect(last).toBeLessThan(most)
  // Over all training samples the standardised targets have variance 1: there the error is the loss.
  expect(result.train!.error.mean).toBeCloseTo(result.train!.loss.mean, 5)
})
