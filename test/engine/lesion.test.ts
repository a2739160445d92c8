import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { command, createControl } from '../../main/trainer/engine/control'
import { measureLesion } from '../../main/trainer/engine/lesion'
import { trainNetworks } from '../../main/trainer/engine/train'
import { PRESET_NAMES, presetNamed } from '../../shared/block/presets'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { defaultExperiment } from '../../shared/settings/table'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { Experiment } from '../../shared/settings/experiment'
import { float64 } from '../../shared/numerics/float64'
import { forwardBlock } from '../../shared/block/interpreter'
import { lesionOrder, lesionsOf, type Lesion, type LesionSet } from '../../shared/lesion/lesion'
import { cosineRemarks } from '../../shared/lesion/findings'
import { kappa1 } from '../../shared/moments/moments'
import { drawNetwork, type Network64 } from '../../shared/network/float64-network'
import type { LesionEvent } from '../../shared/protocol/protocol'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const measure = async (
  lesion: Lesion,
  changes: Partial<Experiment> = {},
  emit: (event: LesionEvent) => void = () => {},
) =>
  (
    await measureLesion(
      backend,
      { ...defaultExperiment(), ...changes },
      { set: 'one', lesion },
      null,
      createControl(),
      emit,
    )
  ).series.map((series) => series.outcomes[0].cosine)

/**
 * Mean over the batch of the cosine between outputs of the network that runs these blocks and the intact one, in
 * float64.
 */
function cosine64(network: Network64, order: number[]): number {
  const through = (blocks: number[]) =>
    blocks.reduce(
      (h, k) => forwardBlock(float64, network.graph, network.blocks[k - 1], h).output,
      network.input,
    )
  const [a, b] = [through(network.blocks.map((_, i) => i + 1)), through(order)]
  const [, batch, width] = a.shape
  let sum = 0
  for (let sample = 0; sample < batch; sample++) {
    const row = (h: typeof a) => h.values.subarray(sample * width, (sample + 1) * width)
    const dot = (x: Float64Array, y: Float64Array) => x.reduce((total, value, i) => total + value * y[i], 0)
    const [x, y] = [row(a), row(b)]
    sum += dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
  }
  return sum / batch
}

describe('agrees with float64', () => {
  const small = { blocks: 5, width: 24, batch: 16, replicas: 2 }
  const lesions: Lesion[] = [
    { delete: [2] },
    { delete: [1, 4] },
    { delete: [5] },
    { delete: [1, 2, 3, 4, 5] },
    { permute: [2, 4] },
    { duplicate: [1, 3] },
  ]
  test.each(lesions)('%j', async (lesion) => {
    for (const skip of ['on', 'off'] as const) {
      const experiment = { ...defaultExperiment(), ...small, skip, block: [...PRESET_NAMES] }
      const set = { set: 'one', lesion } as const
      const { series } = await measureLesion(backend, experiment, set, null, createControl(), () => {})
      for (const { graph, outcomes } of series) {
        const [{ cosine }] = outcomes
        const order = lesionOrder(lesion, small.blocks)
        const expected = [0, 1].map((replica) => cosine64(drawNetwork(graph, experiment, replica), order))
        const mean = (expected[0] + expected[1]) / 2
        // Narrow layers can die: h_L is zero then, and has no direction.
        if (Number.isNaN(mean)) {
          expect(cosine.mean, graph.name).toBeNaN()
          continue
        }
        expect(cosine.mean, graph.name).toBeCloseTo(mean, 4)
        expect(cosine.low).toBeLessThanOrEqual(cosine.mean)
        expect(cosine.high).toBeGreaterThanOrEqual(cosine.mean)
      }
    }
  })
})

describe('deleting one of 20 type 2 blocks', () => {
  /**
   * The cosine in the limit of infinite width: `start` right after the deleted block, then what each later block makes
   * of it.
   */
  const theory = (start: number, later: number, next: (c: number) => number) =>
    Array.from({ length: later }).reduce<number>(next, start)

  test.each([1, 5, 10, 15, 19, 20])('block %i: residual and plain follow theory', async (k) => {
    const [none, rsqrt2] = await measure({ delete: [k] }, { remedies: ['none', 'rsqrt2'] })
    const [plain] = await measure({ delete: [k] }, { skip: 'off' })
    // Stream and branch are equally large and independent: 1/√2; then half of each block keeps c, half makes it κ1(c).
    const residual = theory(Math.SQRT1_2, 20 - k, (c) => (c + kappa1(c)) / 2)
    expect(Math.abs(rsqrt2.mean - residual)).toBeLessThan(0.04)
    // Without biases and norms a common factor changes no direction.
    expect(rsqrt2.mean).toBeCloseTo(none.mean, 4)
    // Nothing is left right after the deleted layer of a plain network; later layers make all inputs collinear.
    const collinear = theory(0, 20 - k, kappa1)
    expect(Math.abs(plain.mean - collinear)).toBeLessThan(0.08)
  })

  test('small branches barely matter; batch norm: a plain network changes throughout, residual ones not', async () => {
    const [scaled, residual] = await measure({ delete: [10] }, { remedies: ['rsqrt-depth', 'batch-norm'] })
    const [plain] = await measure({ delete: [10] }, { remedies: ['batch-norm'], skip: 'off' })
    expect(scaled.mean).toBeGreaterThan(0.97)
    expect(residual.mean).toBeGreaterThan(0.94)
    expect(plain.mean).toBeLessThan(0.4)
  })
})

describe('right after the deleted block of a plain He network', () => {
  const plain = { skip: 'off', blocks: 4, width: 1000, replicas: 4, stem: 'linear', batch: 32 } as const

  test('nothing is left in type 2; in type 1 both are behind a ReLU, never negative: 1/π', async () => {
    const [type2] = await measure({ delete: [4] }, { ...plain, block: ['relu-linear'] })
    const [type1] = await measure({ delete: [4] }, { ...plain, block: ['linear-relu'] })
    expect(Math.abs(type2.mean)).toBeLessThan(0.02)
    expect(Math.abs(type1.mean - 1 / Math.PI)).toBeLessThan(0.02)
    // What each later layer makes of it is the same.
    const [earlier] = await measure({ delete: [2] }, { ...plain, block: ['linear-relu'] })
    expect(Math.abs(earlier.mean - kappa1(kappa1(1 / Math.PI)))).toBeLessThan(0.03)
  })

  test('type 1, Gaussian h_0, the first block deleted: the input is no ReLU’s, and nothing is left', async () => {
    const [first] = await measure({ delete: [1] }, { ...plain, blocks: 1, block: ['linear-relu'] })
    expect(Math.abs(first.mean)).toBeLessThan(0.02)
  })
})

describe('what is said of cosines follows from them', () => {
  const remarksOf = async (changes: Partial<Experiment>) => {
    const own = {
      ...defaultExperiment(),
      blocks: 8,
      replicas: 3,
      batch: 32,
      remedies: ['none', 'rsqrt2'],
      ...changes,
    }
    return cosineRemarks([
      await measureLesion(backend, own, { set: 'each', kind: 'delete' }, null, createControl(), () => {}),
    ])
  }
  const withActivation = (op: 'tanh' | 'gelu' | 'leaky-relu'): BlockGraph => ({
    ...presetNamed('relu-linear'),
    name: op,
    nodes: presetNamed('relu-linear').nodes.map((node) =>
      node.op === 'relu'
        ? ({ ...node, op, ...(op === 'leaky-relu' ? { slope: 0.1 } : {}) } as unknown as typeof node)
        : node,
    ),
  })
  const SAYING = 'it changes lengths and no direction'

  test.each<[string, Partial<Experiment>]>([
    ['ReLU', {}],
    ['leaky ReLU', { block: [withActivation('leaky-relu')] }],
    ['two layers', { block: ['practical'] }],
  ])('%s: 1/√2 changes no direction', async (_, changes) => {
    expect((await remarksOf(changes)).join(' ')).toContain(SAYING)
  })

  test.each<[string, Partial<Experiment>]>([
    ['tanh', { block: [withActivation('tanh')] }],
    ['GELU', { block: [withActivation('gelu')] }],
    ['biases', { init: 'pytorch' }],
    ['norms', { block: ['full-preactivation'] }],
    ['plain, where it does nothing', { skip: 'off' }],
  ])('%s: it does, and nobody says otherwise', async (_, changes) => {
    expect((await remarksOf(changes)).join(' ')).not.toContain(SAYING)
  })

  test('samples are called alike where they are: in deep plain networks without norms, not with them', async () => {
    const deep = { skip: 'off', blocks: 20, width: 100 } as const
    expect((await remarksOf({ ...deep, remedies: ['none'] })).join()).toContain(
      'Different samples come out of the intact network',
    )
    expect(await remarksOf({ ...deep, remedies: ['batch-norm'] })).toEqual([])
    expect(await remarksOf({ ...deep, remedies: ['none'], block: [withActivation('tanh')] })).toEqual([])
  })
})

test('a network with SkipInit is the identity: any lesion leaves it as it is', async () => {
  const [{ mean }] = await measure({ permute: [1, 20] }, { remedies: ['skipinit'], replicas: 2 })
  expect(mean).toBeCloseTo(1, 5)
})

test('large activations have a direction until they overflow', async () => {
  const [{ mean }] = await measure({ delete: [3] }, { blocks: 200, width: 32, replicas: 2, batch: 8 })
  expect(mean).toBeGreaterThan(0)
  const [lost] = await measure({ delete: [3] }, { blocks: 400, width: 32, replicas: 2, batch: 8 })
  expect(lost.mean).toBeNaN()
})

test('progress runs to the end; a stop is no error; nothing is left on the device', async () => {
  const events: LesionEvent[] = []
  const before = backend.tf.memory().numTensors
  await measure({ permute: [2, 3] }, { blocks: 4, width: 8, batch: 4, replicas: 1 }, (event) =>
    events.push(event),
  )
  expect(events[0]).toMatchObject({ type: 'lesion-started', lesions: [{ permute: [2, 3] }] })
  expect(events.at(-1)).toMatchObject({ type: 'progress', done: 7, total: 7 })
  const control = createControl()
  command(control, 'stop')
  const one: LesionSet = { set: 'one', lesion: { delete: [1] } }
  const stopped = await measureLesion(backend, defaultExperiment(), one, null, control, () => {})
  expect(stopped).toEqual({ finished: false, lesions: [{ delete: [1] }], each: 0, series: [] })
  expect(backend.tf.memory().numTensors).toBe(before)
})

describe('many lesions of one network', () => {
  const small = { ...defaultExperiment(), blocks: 6, width: 16, batch: 8, replicas: 2 }

  test('each deletion in turn is what it is by itself', async () => {
    const { lesions, series } = await measureLesion(
      backend,
      small,
      { set: 'each', kind: 'delete' },
      null,
      createControl(),
      () => {},
    )
    expect(lesions).toEqual([1, 2, 3, 4, 5, 6].map((k) => ({ delete: [k] })))
    const [alone] = await measure({ delete: [4] }, small)
    expect(series[0].outcomes[3].cosine).toEqual(alone)
  })

  test('random deletions: same seed, same choices; more deleted, less alike', async () => {
    const random = { set: 'random', draws: 20, seed: 1 } as const
    const { lesions, series } = await measureLesion(backend, small, random, null, createControl(), () => {})
    expect(lesions).toEqual(lesionsOf(random, 6))
    expect(lesions).toHaveLength(5 * 20)
    const meanOf = (from: number) =>
      series[0].outcomes.slice(from, from + 20).reduce((sum, { cosine }) => sum + cosine.mean / 20, 0)
    expect(meanOf(0)).toBeGreaterThan(meanOf(40))
    expect(meanOf(40)).toBeGreaterThan(meanOf(80))
  })

  test('a stop keeps the lesions that were done', async () => {
    const control = createControl()
    const deep = { ...small, blocks: 100, batch: 64, width: 64 }
    const set = { set: 'each', kind: 'delete' } as const
    const { finished, series } = await measureLesion(backend, deep, set, null, control, (event) => {
      if (event.type === 'progress' && event.done > 300) command(control, 'stop')
    })
    expect(finished).toBe(false)
    expect(series[0].outcomes.length).toBeGreaterThan(0)
    expect(series[0].outcomes.length).toBeLessThan(100)
  })

  test('both sets in one job: each first, then random ones', async () => {
    const set = { set: 'survey', kind: 'delete', draws: 2, seed: 1 } as const
    const { lesions, each, series } = await measureLesion(
      backend,
      small,
      set,
      null,
      createControl(),
      () => {},
    )
    expect(each).toBe(6)
    expect(lesions).toHaveLength(6 + 5 * 2)
    expect(series[0].outcomes).toHaveLength(lesions.length)
  })
})

describe('trained networks', () => {
  const experiment = {
    ...defaultExperiment(),
    blocks: 4,
    width: 24,
    batch: 50,
    trainReplicas: 2,
    steps: 150,
    learningRate: 0.05,
    remedies: ['batch-norm', 'skipinit'],
  }

  test('accuracy and loss before and after; without blocks stem and head are left; nothing stays behind', async () => {
    const before = backend.tf.memory().numTensors
    const set: LesionSet = { set: 'one', lesion: { delete: [1, 2, 3, 4] } }
    const [trained, gated] = (
      await measureLesion(backend, experiment, set, 'intact', createControl(), () => {})
    ).series
    expect(trained.intact!.accuracy.mean).toBeGreaterThan(0.2)
    expect(trained.outcomes[0].classified!.accuracy.mean).toBeLessThan(trained.intact!.accuracy.mean)
    expect(trained.outcomes[0].classified!.loss.mean).toBeGreaterThan(trained.intact!.loss.mean)
    expect(trained.outcomes[0].cosine.mean).toBeLessThan(0.95)
    expect(gated.outcomes[0].cosine.mean).toBeLessThanOrEqual(1)
    expect(backend.tf.memory().numTensors).toBe(before)
  })

  test('the intact network is the one that `train` reports', async () => {
    const set: LesionSet = { set: 'one', lesion: { delete: [2] } }
    const [lesioned] = (await measureLesion(backend, experiment, set, 'intact', createControl(), () => {}))
      .series
    const { series } = await trainNetworks(backend, trainingExperiment(experiment), createControl(), () => {})
    expect(1 - lesioned.intact!.accuracy.mean).toBeCloseTo(series[0].test!.error.mean, 6)
    expect(lesioned.intact!.loss.mean).toBeCloseTo(series[0].test!.loss.mean, 4)
    const { training } = lesioned.intact!
    expect(1 - training!.accuracy.mean).toBeCloseTo(series[0].train!.error.mean, 6)
    expect(training!.loss.mean).toBeCloseTo(series[0].train!.loss.mean, 4)
  })

  test.each(['training', 'evaluated'] as const)(
    'whose statistics norms take matters with changed blocks only (%s samples)',
    async (batchStatistics) => {
      const set: LesionSet = { set: 'each', kind: 'delete' }
      const own = { ...experiment, remedies: ['batch-norm'], batchStatistics }
      const of = async (statistics: 'intact' | 'changed') =>
        (await measureLesion(backend, own, set, statistics, createControl(), () => {})).series[0]
      const [kept, anew] = [await of('intact'), await of('changed')]
      expect(anew.intact!.loss.mean).toBeCloseTo(kept.intact!.loss.mean, 5)
      const lossOf = (series: typeof kept, k: number) => series.outcomes[k - 1].classified!.loss.mean
      expect(Math.abs(lossOf(kept, 1) - lossOf(anew, 1))).toBeGreaterThan(0.02)
      // No norm comes after the last block.
      expect(lossOf(anew, 4)).toBeCloseTo(lossOf(kept, 4), 5)
    },
  )
})
