import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { command, createControl } from '../../main/trainer/engine/control'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { trainNetworks } from '../../main/trainer/engine/train'
import { trainingWay } from '../../main/trainer/engine/training-memory'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { BlockGraph, GraphNode } from '../../shared/graph/block-graph'
import type { TrainEvent, TrainFrame } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

let backend: Backend

beforeAll(async () => {
  backend = await testBackend()
})

const experimentWith = (changes: Partial<Experiment>) =>
  trainingExperiment({
    ...defaultExperiment(),
    ...{ block: ['relu-linear'], compare: [], trainReplicas: 2, blocks: 7, width: 16, batch: 24 },
    ...{ steps: 12, evaluateEvery: 4, learningRate: 0.02 },
    ...changes,
  })

/** Everything that a training finds, but for its time. @param segment null: steps are whole */
async function trained(changes: Partial<Experiment>, segment: number | null) {
  const before = backend.tf.memory().numTensors
  const way = { segment, bytes: 0, instead: null }
  const options = { weights: true, way }
  const result = await trainNetworks(backend, experimentWith(changes), createControl(), () => {}, options)
  expect(backend.tf.memory().numTensors).toBe(before)
  const frames: readonly TrainFrame[] = result.frames
  return {
    series: result.series.map(({ evaluations, failure, weights }) => ({ evaluations, failure, weights })),
    // Before the first step a whole step is recorded, operation by operation, which rounds otherwise than its graph.
    frames: frames.filter(({ step }) => step > 0),
  }
}

const withNoise = (noise: GraphNode): BlockGraph => ({
  ...presetNamed('relu-linear'),
  name: noise.op,
  nodes: [
    { id: 'linear', op: 'linear', inputs: ['input'], units: 1 },
    noise,
    { id: 'sum', op: 'sum', inputs: ['input', 'noise'] },
  ],
  output: 'sum',
})
const noisy: BlockGraph[] = [
  withNoise({ id: 'noise', op: 'dropout', inputs: ['linear'], rate: 0.3 }),
  withNoise({ id: 'noise', op: 'stochastic-depth', inputs: ['linear'], survival: 0.5 }),
]

describe('Steps in segments make the networks that whole steps make, to the last bit', () => {
  test.each([
    ['several series', { remedies: ['rsqrt2', 'batch-norm', 'layerscale'] }],
    [
      'clipped, by AdamW',
      { remedies: ['rsqrt2', 'none'], clip: 0.5, optimizer: 'adamw', learningRate: 0.003 },
    ],
    ['by RMSprop with momentum', { remedies: ['rsqrt-depth'], optimizer: 'rmsprop', learningRate: 0.001 }],
    ['with masks, which are the same when values are computed again', { block: noisy, remedies: ['rsqrt2'] }],
    ['with and without statistics', { remedies: ['layer-norm'], steps: 601, evaluateEvery: 300, blocks: 3 }],
    [
      'convolutions of several shapes, under a head',
      {
        ...{ input: 'sequence', stem: 'linear', blocks: 5, remedies: ['none'], steps: 6, evaluateEvery: 3 },
        block: [convolutional(presetNamed('full-preactivation'), 1)],
        network: {
          stages: [
            { blocks: 3, width: 4, stride: 1 },
            { blocks: 2, width: 6, stride: 2 },
          ],
          shortcut: 'B',
          head: 'bn-relu',
        },
      },
    ],
    ['one that is given up', { remedies: ['none', 'rsqrt2'], blocks: 20, learningRate: 0.05, steps: 40 }],
  ] as [string, Partial<Experiment>][])('%s', async (name, changes) => {
    const whole = await trained(changes, null)
    expect(whole.frames.length).toBeGreaterThan(1)
    for (const length of name === 'several series' ? [1, 3] : [3])
      expect(await trained(changes, length)).toEqual(whole)
  })
})

describe('A training', () => {
  const wayOf = (changes: Partial<Experiment>, available: number) => {
    const experiment = experimentWith(changes)
    return trainingWay(experiment, prepareSeries(experiment), available)
  }
  const GIB = 2 ** 30
  const large: Partial<Experiment> = { blocks: 50, width: 100, batch: 1000, trainReplicas: 40 }

  test('goes in segments where depth asks for it, or memory, and says so', () => {
    expect(wayOf({}, GIB)).toMatchObject({ segment: null, instead: null })
    expect(wayOf({ blocks: 1000, steps: 50 }, 100 * GIB)).toMatchObject({ segment: 8, instead: null })
    expect(wayOf({ blocks: 10_000, steps: 300 }, 1000 * GIB)).toMatchObject({ segment: 26, instead: null })
    // What recording takes is made up for by quicker steps.
    expect(wayOf({ blocks: 1000, remedies: ['none'], steps: 300 }, 100 * GIB).segment).toBeNull()
    const roomy = wayOf(large, 100 * GIB)
    expect(roomy).toMatchObject({ segment: null, instead: null })
    const narrow = wayOf(large, roomy.bytes - 1)
    expect(narrow.instead).toBe(roomy.bytes)
    expect(narrow.bytes).toBeLessThan(roomy.bytes / 2)
  })

  test('in segments needs memory for values that grows with the square root of depth', () => {
    const valuesAt = (blocks: number) => {
      const changes: Partial<Experiment> = {
        blocks,
        width: 8,
        batch: 512,
        trainReplicas: 1,
        remedies: ['none'],
      }
      const [none, one] = [wayOf({ ...changes, blocks: 1 }, 0), wayOf(changes, 0)]
      const weights = 3 * 4 * (8 * 8 + 8) * blocks
      return one.bytes - none.bytes - weights
    }
    const growth = valuesAt(10_000) / valuesAt(2500)
    expect(growth).toBeGreaterThan(1.8)
    expect(growth).toBeLessThan(2.3)
  })

  test('is told of while it is prepared, and can be stopped then', async () => {
    const events: TrainEvent[] = []
    const control = createControl()
    const before = backend.tf.memory().numTensors
    const deep = experimentWith({ blocks: 4000, width: 24, steps: 2 })
    const result = await trainNetworks(backend, deep, control, (event) => {
      events.push(event)
      if (event.type === 'progress') command(control, 'stop')
    })
    const [started, told] = events
    expect(started.type).toBe('started')
    expect(told).toMatchObject({ type: 'progress', unit: 'blocks', total: 4000 })
    expect((told as { message: string }).message).toMatch(/^preparing, drawing block [\d,]+ of 4,000$/)
    expect(result).toEqual({ finished: false, steps: 0, series: [], frames: [] })
    expect(backend.tf.memory().numTensors).toBe(before)
  })

  test('of hundreds of blocks steps, and evaluates in sight', async () => {
    const events: TrainEvent[] = []
    const deep = experimentWith({ blocks: 300, width: 8, remedies: ['batch-norm'], steps: 2 })
    const result = await trainNetworks(backend, deep, createControl(), (event) => events.push(event))
    expect(result).toMatchObject({ finished: true, steps: 2 })
    const messages = events.flatMap((event) => (event.type === 'progress' ? [event.message] : []))
    expect(messages.some((message) => /evaluating after 0 of 2 steps, pass [\d,]+ of/.test(message))).toBe(
      true,
    )
    expect(result.series[0].evaluations.train.loss.flat().every(Number.isFinite)).toBe(true)
  })
})
