import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { seriesHeaders } from '../../main/trainer/engine/series-theory'
import { measureSignal } from '../../main/trainer/engine/signal'
import type { AskTheories } from '../../main/trainer/engine/theories'
import { presetNamed } from '../../shared/block/presets'
import { Random } from '../../shared/numerics/random'
import { defaultExperiment } from '../../shared/settings/table'
import type { Experiment } from '../../shared/settings/experiment'
import { INPUT, type BlockGraph, type GraphNode } from '../../shared/graph/block-graph'
import type { SeriesResult } from '../../shared/signal/results'
import { REMEDY_NAMES } from '../../shared/block/remedies'
import { testBackend } from './backend'
import { randomBlock } from './random-blocks'

/**
 * Random blocks at each depth, 1 to 3; RESIDUAL_LAB_RANDOM_BLOCKS=500 for a night, RESIDUAL_LAB_RANDOM_SEED for others.
 */
const COUNT = Number(process.env.RESIDUAL_LAB_RANDOM_BLOCKS ?? 100)
const SEED = Number(process.env.RESIDUAL_LAB_RANDOM_SEED ?? 0)

/** Blocks that are measured together, on a batch of their own. */
const TOGETHER = 5

const FEW = 6
const MANY = 24
/** The distance from 5th to 95th percentile of so many normal values, in standard deviations. */
const SPREAD = new Map([
  [FEW, 2.22],
  [MANY, 2.93],
])

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

/** Limits alone: what single networks show is not asked for here, and takes longer than measuring them. */
const limits: AskTheories = (experiment, prepared) => ({
  come: () => [],
  rest: async () =>
    seriesHeaders(experiment, prepared).map(({ theory }, series) => ({ series, theory, isWhole: true })),
  end: () => {},
})

const measure = async (changes: Partial<Experiment>) =>
  (
    await measureSignal(
      backend,
      { ...defaultExperiment(), width: 500, batch: 40, ...changes },
      createControl(),
      () => {},
      undefined,
      limits,
    )
  ).series

/** Where measured means leave theory by more than 5 % and more than 4 standard errors; of m, per cent of √q. */
function deviations(series: SeriesResult, replicas: number): string[] {
  const { theory, graph } = series
  return (['q', 'v', 'm', 'p'] as const).flatMap((quantity) =>
    (theory[quantity] ?? []).flatMap((expected, k) => {
      const { mean, high, low } = series[quantity]
      const size = quantity === 'm' ? Math.sqrt(theory.q![k]) : expected
      const error = (high[k] - low[k]) / SPREAD.get(replicas)! / Math.sqrt(replicas)
      if (Math.abs(mean[k] - expected) <= Math.max(0.05 * size, 4 * error)) return []
      const nodes = graph.nodes.map((node) => `${node.id}(${node.inputs.join()})`).join(' ')
      return [
        `${graph.name} ${quantity}_${k}: ${mean[k]} ± ${error}, theory ${expected}; ${theory.remark}; ${nodes}`,
      ]
    }),
  )
}

/** Drawn from 4 to 512, one from each of `count` parts of their logarithms. */
function drawnBatches(count: number, random: Random): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(4 * 128 ** ((i + random.uniform()) / count)))
}

const hasNorm = ({ nodes }: BlockGraph) => nodes.some(({ op }) => op.endsWith('-norm'))

describe('measured moments agree with theory', () => {
  test.each([1, 2, 3])(
    'random blocks, %i in a row, width 500, batches from 4 to 512',
    async (blocks) => {
      const drawn = Array.from({ length: COUNT }, (_, i) => randomBlock(SEED + 3 * i + blocks))
      const batches = drawnBatches(Math.ceil(COUNT / TOGETHER), new Random(SEED, 512, blocks))
      const series: (SeriesResult & { batch: number })[] = []
      for (const [i, batch] of batches.entries()) {
        const block = drawn.slice(i * TOGETHER, (i + 1) * TOGETHER)
        const measured = await measure({ blocks, block, batch, replicas: FEW })
        series.push(...measured.map((one) => ({ ...one, batch })))
      }
      const answered = series.filter(({ theory }) => theory.q && theory.v && theory.m && theory.p)
      for (const { theory } of series) {
        for (const quantity of ['q', 'v', 'm', 'p'] as const)
          if (!theory[quantity]) expect(theory.note[quantity]).toMatch(/^No theory: .{10,}\.$/)
      }
      expect(answered.length).toBeGreaterThan(0.9 * COUNT)
      expect(answered.filter(({ graph }) => hasNorm(graph)).length).toBeGreaterThan(0.2 * COUNT)
      // A few in a thousand comparisons leave four estimated errors by chance: other networks, and more, decide.
      const doubtful = series.filter((one) => deviations(one, FEW).length)
      expect(doubtful.length).toBeLessThan(0.1 * COUNT)
      const wrong: string[] = []
      for (const { graph, batch } of doubtful) {
        const [again] = await measure({ blocks, block: [graph], batch, replicas: MANY, seed: 2 })
        wrong.push(...deviations(again, MANY).map((text) => `batch ${batch}: ${text}`))
      }
      expect(wrong).toEqual([])
    },
    600_000,
  )

  test('stochastic depth: the mean over what may be drawn', async () => {
    const graph = presetNamed('practical')
    const drop: GraphNode = { id: 'drop', op: 'stochastic-depth', inputs: [graph.nodes[3].id], survival: 0.5 }
    const nodes = graph.nodes.flatMap((node): GraphNode[] =>
      node.op === 'sum' ? [drop, { ...node, inputs: [INPUT, 'drop'] }] : [node],
    )
    const [{ q, v, p, theory }] = await measure({
      width: 64,
      batch: 8,
      blocks: 3,
      replicas: 600,
      block: [{ ...graph, name: 'drop', nodes }],
    })
    // Kept with 5/6, 2/3 and 1/2: each block multiplies by 1 + p_l.
    expect(theory.q![3]).toBeCloseTo((11 / 6) * (5 / 3) * (3 / 2), 10)
    for (const [measured, expected] of [
      [q.mean[3], theory.q![3]],
      [v.mean[3], theory.v![3]],
      [p.mean[0], theory.p![0]],
    ]) {
      expect(Math.abs(measured / expected - 1)).toBeLessThan(0.1)
    }
  })
})

describe('paths that meet again without a linear layer in between', () => {
  const block = (name: string, nodes: GraphNode[]): BlockGraph => ({
    name,
    title: name,
    description: '',
    nodes,
    output: nodes.at(-1)!.id,
  })

  test('gradients of one origin add up, or cancel: h + h and h - h/2', async () => {
    const twice = block('twice', [
      { id: 'again', op: 'identity', inputs: [INPUT] },
      { id: 'sum', op: 'sum', inputs: [INPUT, 'again'] },
    ])
    const half = block('half', [
      { id: 'less', op: 'scale', inputs: [INPUT], factor: -0.5, text: '-1/2' },
      { id: 'sum', op: 'sum', inputs: [INPUT, 'less'] },
    ])
    const series = await measure({ width: 32, blocks: 3, replicas: 2, block: [twice, half] })
    expect(series.map(({ theory }) => [theory.q![3], theory.p![0]])).toEqual([
      [64, 64],
      [1 / 64, 1 / 64],
    ])
    series.forEach(({ p, theory }) => expect(p.mean[0]).toBeCloseTo(theory.p![0], 4))
  })

  test('h + tanh(h): (1 + tanh’)² is more than 1 + tanh’²', async () => {
    const graph = block('bent', [
      { id: 'tanh', op: 'tanh', inputs: [INPUT] },
      { id: 'sum', op: 'sum', inputs: [INPUT, 'tanh'] },
    ])
    const [{ q, p, theory }] = await measure({ blocks: 1, replicas: FEW, block: [graph] })
    // E[tanh’²] = .464403 and 2 E[tanh’] = 2 (1 - E[tanh²]) = 1.211412.
    expect(Math.abs(theory.p![0] - 2.675815)).toBeLessThan(0.02)
    expect(Math.abs(p.mean[0] / theory.p![0] - 1)).toBeLessThan(0.02)
    expect(Math.abs(q.mean[1] / theory.q![1] - 1)).toBeLessThan(0.02)
  })
})

describe('remedies', () => {
  /** Two norms in a branch: in small batches each takes a little less away than theory counts. */
  const SIZE = { blocks: 3, width: 300, batch: 96 }

  test('every one, on four orders of operations, follows theory', async () => {
    const block = ['relu-linear', 'practical', 'original', 'full-preactivation']
    const few = await measure({ block, ...SIZE, replicas: FEW, remedies: [...REMEDY_NAMES] })
    expect(few.every(({ theory }) => theory.q && theory.v && theory.m && theory.p)).toBe(true)
    const doubtful = few.filter((one) => deviations(one, FEW).length)
    expect(doubtful.length).toBeLessThan(6)
    const again: SeriesResult[] = []
    for (const { block, remedy } of doubtful)
      again.push(...(await measure({ block: [block], ...SIZE, replicas: MANY, remedies: [remedy], seed: 2 })))
    expect(again.flatMap((one) => deviations(one, MANY))).toEqual([])
  })

  const theory = async (block: string, remedy: string, blocks: number) =>
    (await measure({ block: [block], remedies: [remedy], blocks, width: 8, batch: 8, replicas: 1 }))[0].theory

  test('SkipInit, ReZero and Fixup start as the identity', async () => {
    for (const remedy of ['skipinit', 'rezero', 'fixup']) {
      const { q, p } = await theory('practical', remedy, 8)
      expect([q![8], p![0]]).toEqual([1, 1])
    }
  })

  test('NF: the mean square grows by 0.04 a block', async () => {
    const { q } = await theory('practical', 'nf', 20)
    q!.forEach((value, k) => expect(value).toBeCloseTo(1 + 0.04 * k, 4))
  })

  test('LayerScale: by its start, squared', async () => {
    expect((await theory('relu-linear', 'layerscale', 10)).q![10]).toBeCloseTo(1.01 ** 10, 10)
  })

  test('DeepNorm: q and p stay 1: the norm divides by what the sum adds up to, both ways', async () => {
    const { q, p } = await theory('relu-linear', 'deepnorm', 100)
    expect(q![100]).toBeCloseTo(1, 4)
    // One layer in the branch: α² + β² forward and backward.
    expect(p![0]).toBeCloseTo(1, 2)
  })
})

test.each(['A', 'B'] as const)('stages of different width: shortcut %s', async (shortcut) => {
  const stages = [
    { blocks: 2, width: 200, stride: 1 as const },
    { blocks: 2, width: 400, stride: 1 as const },
  ]
  const block = ['relu-linear', 'full-preactivation', 'linear-relu']
  const series = await measure({
    block,
    blocks: 4,
    width: 200,
    replicas: 12,
    batch: 64,
    network: { stages, shortcut },
  })
  for (const { theory, q, v, p } of series) {
    for (let k = 0; k <= 4; k++) {
      expect(Math.abs(q.mean[k] / theory.q![k] - 1)).toBeLessThan(0.06)
      expect(Math.abs(v.mean[k] / theory.v![k] - 1)).toBeLessThan(0.06)
      expect(Math.abs(p.mean[k] / theory.p![k] - 1)).toBeLessThan(0.06)
    }
  }
})

test('convolutions on Gaussian images: zeros at the border, norms over positions', async () => {
  const window = { units: 1, kernel: 3, stride: 1, padding: 1 }
  const conv = (from: string): GraphNode => ({ id: 'conv', op: 'conv-2d', inputs: [from], ...window })
  const relu = (from: string): GraphNode => ({ id: 'relu', op: 'relu', inputs: [from] })
  const sum: GraphNode = { id: 'sum', op: 'sum', inputs: [INPUT, 'conv'] }
  const branches: Record<string, GraphNode[]> = {
    plain: [relu(INPUT), conv('relu')],
    residual: [relu(INPUT), conv('relu'), sum],
    smooth: [{ id: 'gelu', op: 'gelu', inputs: [INPUT] }, conv('gelu'), sum],
    batch: [{ id: 'norm', op: 'batch-norm', inputs: [INPUT] }, relu('norm'), conv('relu'), sum],
    layer: [{ id: 'norm', op: 'layer-norm', inputs: [INPUT] }, relu('norm'), conv('relu'), sum],
    adding: [conv(INPUT), relu('conv'), { id: 'sum', op: 'sum', inputs: [INPUT, 'relu'] }],
  }
  const block = Object.entries(branches).map(([name, nodes]): BlockGraph => ({
    name,
    title: name,
    description: '',
    nodes,
    output: nodes.at(-1)!.id,
  }))
  const size = { input: 'images', stem: 'linear', width: 48, batch: 2, blocks: 4 } as const
  const series = await measure({ ...size, block, replicas: FEW })
  for (const one of series) {
    // The stem makes h_0 of 27 numbers at each position, three channels of nine: far from the wide networks that
    // gradients through norms need.
    const theory = one.graph.nodes.some(({ id }) => id === 'norm') ? { ...one.theory, p: null } : one.theory
    expect(one.theory.note).toEqual({})
    expect(deviations({ ...one, theory }, FEW)).toEqual([])
  }
})
