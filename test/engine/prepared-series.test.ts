import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureLesion } from '../../main/trainer/engine/lesion'
import { measureSignal } from '../../main/trainer/engine/signal'
import { trainNetworks } from '../../main/trainer/engine/train'
import { parseExperiment, trainingExperiment } from '../../shared/experiment/experiment'
import { parseLesions } from '../../shared/lesion/lesion'
import * as plan from '../../shared/network/plan'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

vi.mock('../../shared/network/plan', async (original) => {
  const real = await original<typeof plan>()
  return { ...real, planNetwork: vi.fn(real.planNetwork) }
})

const small = { blocks: 3, width: 8, replicas: 2, batch: 16, steps: 2, trainReplicas: 1 }
// Parsing plans networks of its own, to check them; what is counted comes after.
const experiment = parseExperiment({ ...defaultExperiment(), ...small, remedies: ['none', 'rsqrt2'] })

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})
beforeEach(() => {
  vi.mocked(plan.planNetwork).mockClear()
})

const jobs: [string, () => unknown][] = [
  ['signal', () => measureSignal(backend, experiment, createControl(), () => {})],
  ['train', () => trainNetworks(backend, trainingExperiment(experiment), createControl(), () => {})],
  ...[false, true].map((training): [string, () => unknown] => [
    training ? 'lesion of trained networks' : 'lesion',
    () => {
      const set = parseLesions({ delete: [2] }, experiment.blocks, experiment.seed)
      return measureLesion(backend, experiment, set, training ? 'intact' : null, createControl(), () => {})
    },
  ]),
]

test.each(jobs)('%s: theory, memory and engine read one plan a series', (_name, run) => {
  run()
  expect(plan.planNetwork).toHaveBeenCalledTimes(2)
})
