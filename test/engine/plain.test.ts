import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureSignal } from '../../main/trainer/engine/signal'
import { trainNetworks } from '../../main/trainer/engine/train'
import { presetNamed } from '../../shared/block/presets'
import { convolutional } from '../../shared/block/convolutional'
import { defaultExperiment } from '../../shared/settings/table'
import { parseExperiment, trainingExperiment } from '../../shared/experiment/experiment'
import { plainBackend } from './backend'

let backend: Backend
beforeAll(() => {
  backend = plainBackend()
})

const small = {
  ...defaultExperiment(),
  blocks: 3,
  width: 16,
  replicas: 2,
  batch: 16,
  remedies: ['none', 'batch-norm', 'layer-norm'],
}

test('the plain backend says what it is and what it costs', () => {
  expect(backend.kind).toBe('cpu')
  expect(backend.device.note).toContain('runtime install')
})

test('the plain backend measures the same networks, operation by operation', async () => {
  const before = backend.tf.memory().numTensors
  const { series } = await measureSignal(backend, small, createControl(), () => {})
  // Seed 1, as the native backend measures it (npx residual-lab signal --blocks 3 --width 16 …).
  expect(series[0].q.mean[3]).toBeCloseTo(8.76682, 3)
  expect(series[1].p.mean[0]).toBeCloseTo(4.260367, 3)
  expect(backend.tf.memory().numTensors).toBe(before)
})

test('and trains', async () => {
  const experiment = trainingExperiment({ ...small, remedies: ['batch-norm'], steps: 5 })
  expect(await trainNetworks(backend, experiment, createControl(), () => {})).toMatchObject({
    finished: true,
    steps: 5,
  })
})

test('and a small convolutional network', async () => {
  const experiment = parseExperiment({
    ...small,
    input: 'sequence',
    stem: 'linear',
    block: [convolutional(presetNamed('practical'), 1)],
    network: {
      stages: [
        { blocks: 1, width: 4 },
        { blocks: 1, width: 6, stride: 2 },
      ],
      shortcut: 'B',
    },
    trainReplicas: 2,
    steps: 3,
  })
  const { series } = await measureSignal(backend, experiment, createControl(), () => {})
  // Seed 1, as the native backend measures it.
  expect(series[0].q.mean[2]).toBeCloseTo(5.810369, 3)
  const trained = await trainNetworks(backend, trainingExperiment(experiment), createControl(), () => {})
  expect(trained.series[0].test!.loss.mean).toBeGreaterThan(0)
  // Evaluations are on 5,000 samples, operation by operation.
}, 240_000)
