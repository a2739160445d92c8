import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { trainNetworks } from '../../main/trainer/engine/train'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { presetNamed } from '../../shared/block/presets'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { TrainFrame } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

let backend: Backend

beforeAll(async () => {
  backend = await testBackend()
})

const base: Partial<Experiment> = {
  ...{ block: ['relu-linear'], compare: [] as string[], trainReplicas: 3, blocks: 6, width: 24, batch: 32 },
  ...{ steps: 30, evaluateEvery: 10, learningRate: 0.02 },
}

/** Everything that is told of each series: its curves, where it broke, and its statistics at the kept steps. */
async function trained(changes: Partial<Experiment>) {
  const experiment = trainingExperiment({ ...defaultExperiment(), ...base, ...changes })
  const result = await trainNetworks(backend, experiment, createControl(), () => {}, { weights: true })
  const frames: readonly TrainFrame[] = result.frames
  return result.series.map(({ evaluations, failure, weights }, i) => ({
    evaluations,
    weights,
    failure: failure && { ...failure, series: 0 },
    frames: frames.map(({ step, series }) => ({ step, ...series[i] })),
  }))
}

describe('Series that are trained together', () => {
  test.each([
    ['of one shape', { remedies: ['none', 'rsqrt2', 'rsqrt-depth', 'skipinit'] }],
    ['of several shapes', { remedies: ['rsqrt2', 'batch-norm', 'layer-norm'] }],
    [
      'clipped, by AdamW',
      { remedies: ['none', 'rsqrt2'], clip: 0.5, optimizer: 'adamw', learningRate: 0.003 },
    ],
  ] as [string, Partial<Experiment> & { remedies: string[] }][])(
    'come out as each alone, to the last bit: %s',
    async (_, changes) => {
      const together = await trained(changes)
      expect(together).toHaveLength(changes.remedies.length)
      for (const [i, remedy] of changes.remedies.entries()) {
        expect(together[i]).toEqual((await trained({ ...changes, remedies: [remedy] }))[0])
      }
    },
  )

  test('noise is each series’ own', async () => {
    const drop = { id: 'noise', op: 'dropout', inputs: ['linear'], rate: 0.2 } as const
    const leave = { id: 'noise', op: 'stochastic-depth', inputs: ['linear'], survival: 0.5 } as const
    const noisy = (noise: typeof drop | typeof leave): BlockGraph => ({
      ...presetNamed('relu-linear'),
      name: noise.op,
      nodes: [
        { id: 'linear', op: 'linear', inputs: ['input'], units: 1 },
        { ...noise, inputs: ['linear'] },
        { id: 'sum', op: 'sum', inputs: ['input', 'noise'] },
      ],
      output: 'sum',
    })
    const blocks = [noisy(drop), noisy(leave)]
    const remedies = ['rsqrt2']
    const together = await trained({ block: blocks, remedies })
    for (const [i, block] of blocks.entries())
      expect(together[i]).toEqual((await trained({ block: [block], remedies }))[0])
  })

  test('one that diverges and is given up leaves the others as they are', async () => {
    const changes: Partial<Experiment> = { blocks: 20, learningRate: 0.05, steps: 60 }
    const together = await trained({ ...changes, remedies: ['none', 'rsqrt2'] })
    expect(together[0].failure).not.toBeNull()
    expect(together[1].failure).toBeNull()
    expect(together[0]).toEqual((await trained({ ...changes, remedies: ['none'] }))[0])
    expect(together[1]).toEqual((await trained({ ...changes, remedies: ['rsqrt2'] }))[0])
  })
})
