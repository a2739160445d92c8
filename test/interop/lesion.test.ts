import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureLesion } from '../../main/trainer/engine/lesion'
import { trainNetworks } from '../../main/trainer/engine/train'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { lesionOrder, type Lesion } from '../../shared/lesion/lesion'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from '../engine/backend'
import { hasTorch, torchAnswers, torchNetwork, torchSamples } from './torch-network'

const isHeld = hasTorch('No lesion is held against PyTorch')

const experiment = trainingExperiment({
  ...defaultExperiment(),
  block: ['full-preactivation'],
  blocks: 4,
  width: 24,
  batch: 100,
  trainReplicas: 1,
  steps: 120,
  learningRate: 0.05,
})
const LESIONS: Lesion[] = [{ delete: [1] }, { delete: [2, 3] }, { permute: [1, 4] }, { duplicate: [2] }]
const STATISTICS = ['intact', 'changed'] as const

type Worth = Record<'training' | 'test', { loss: number; error: number }> & { correlation: number }

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

async function torchWorth(): Promise<{ found: Worth[]; correlation: number }> {
  const measuring = { ...experiment, shattering: 'on' as const }
  const { series } = await trainNetworks(backend, measuring, createControl(), () => {}, { weights: true })
  const network = { ...torchNetwork(series[0].weights!), samples: torchSamples(experiment) }
  const found = torchAnswers<Worth>('lesion.py', [
    ...STATISTICS.flatMap((statistics) =>
      LESIONS.map((lesion) => ({
        ...{ ...network, order: lesionOrder(lesion, 4), running: statistics === 'intact' },
      })),
    ),
    { ...network, order: [1, 2, 3, 4], running: true },
  ])
  return { found, correlation: series[0].evaluations.shattering!.at(-1)!.correlation[0] }
}

describe.skipIf(!isHeld)('changed networks are worth what they are in PyTorch, in evaluation', () => {
  let found: Worth[]
  let correlation: number
  beforeAll(async () => {
    ;({ found, correlation } = await torchWorth())
  }, 300_000)

  test('and their gradients are as correlated between test samples', () => {
    expect(correlation / found.at(-1)!.correlation).toBeCloseTo(1, 3)
  })

  test.each(
    STATISTICS.flatMap((statistics, s) =>
      LESIONS.map((lesion, i) => [statistics, lesion, s * LESIONS.length + i] as const),
    ),
  )('statistics of the %s network, %j', async (statistics, lesion, at) => {
    const set = { set: 'one', lesion } as const
    const { series } = await measureLesion(backend, experiment, set, statistics, createControl(), () => {})
    const [{ classified }] = series[0].outcomes
    const expected = found[at]
    const parts = { training: classified!.training!, test: classified! }
    for (const part of ['training', 'test'] as const) {
      const { loss, accuracy } = parts[part]
      expect(loss.mean / expected[part].loss).toBeCloseTo(1, 4)
      // A sample on the edge may fall to either side.
      expect(Math.abs(1 - accuracy.mean - expected[part].error)).toBeLessThanOrEqual(0.0015)
    }
  })
})
