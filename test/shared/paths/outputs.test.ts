import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../../shared/block/presets'
import { forwardBlock } from '../../../shared/block/interpreter'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { array3, float64 } from '../../../shared/numerics/float64'
import { drawNetwork } from '../../../shared/network/float64-network'
import { seriesGraphs } from '../../../shared/network/series'
import { outputsFinding } from '../../../shared/paths/findings'
import { outputDifference } from '../../../shared/paths/outputs'
import { measurePaths } from '../../../shared/paths/paths'
import type { TermListing } from '../../../shared/paths/results'
import { passOfSample } from '../../../shared/paths/sample-pass'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'

const small: Experiment = { ...defaultExperiment(), blocks: 4, width: 8, replicas: 3, batch: 8 }

const block = (nodes: unknown[], output: string) =>
  ({ name: 'own', title: 'Own', description: '', nodes, output }) as unknown as BlockGraph

const RELU_LINEAR = block(
  [
    { id: 'relu', op: 'relu', inputs: ['input'] },
    { id: 'linear', op: 'linear', inputs: ['relu'], units: 1 },
    { id: 'sum', op: 'sum', inputs: ['input', 'linear'] },
  ],
  'sum',
)

/** Two branches in a row without any activation, the second behind a scaled skip. */
const LINEAR = block(
  [
    { id: 'one', op: 'linear', inputs: ['input'], units: 1 },
    { id: 'two', op: 'linear', inputs: ['one'], units: 1 },
    { id: 'half', op: 'scale', inputs: ['input'], factor: 0.5 },
    { id: 'sum', op: 'sum', inputs: ['half', 'two'] },
  ],
  'sum',
)

const differenceOf = (changes: Partial<Experiment>, listing: TermListing = 'all') =>
  measurePaths({ ...small, ...changes }, listing).map(({ measured }) => measured!.outputDifference!)

describe('the outputs of all paths against the output', () => {
  test('two blocks by hand: x = (1, -1), h_2 = (-1, 0), the paths add up to (0, 3)', () => {
    // f1(x) = (-2, 1), so h_1 = (-1, 0), whose ReLU is 0: f2(h_1) = 0. But f2(x) = (1, 0) and f2(f1(x)) = (0, 3).
    const weights = (values: number[]) =>
      new Map([['linear', [array3([1, 2, 2], Float64Array.from(values)), array3([1, 1, 2])]]])
    const difference = outputDifference({
      graph: RELU_LINEAR,
      input: array3([1, 1, 2], Float64Array.from([1, -1])),
      blocks: [weights([-2, 1, 0, 0]), weights([1, 0, 0, 3])],
    })
    expect(difference).toBeCloseTo(Math.sqrt(10), 14)
  })

  test.each([1, 2, 5, 10])('%i linear blocks: 0 to rounding, with every sum or skip scaled too', (blocks) => {
    for (const { mean, high } of differenceOf({
      blocks,
      block: [LINEAR],
      remedies: ['none', 'rsqrt2', 'rsqrt2-skip', 'rsqrt-depth', 'layerscale'],
    })) {
      expect(high).toBeLessThan(1e-13)
      expect(mean).toBeLessThanOrEqual(high)
    }
  })

  test('every path one by one, each branch as what a block adds: norms keep the statistics of the true pass', () => {
    const remedies = ['none', 'batch-norm', 'layer-norm', 'rsqrt-depth', 'nf']
    const names = ['linear-relu', 'relu-linear', 'practical', 'full-preactivation']
    for (const { graph, block: name, remedy } of seriesGraphs({ ...small, block: names, remedies })) {
      const network = drawNetwork(graph, small, 1)
      const { inputs, statistics } = passOfSample(network, 2)
      const branch = (k: number, x: Float64Array) => {
        const h = array3([1, 1, x.length], x)
        const { values } = forwardBlock(float64, graph, network.blocks[k], h, statistics[k]).output
        return values.map((y, i) => y - x[i])
      }
      const sum = new Float64Array(small.width)
      for (let path = 0; path < 2 ** small.blocks; path++) {
        let x: Float64Array = inputs[0].values
        for (let k = 0; k < small.blocks; k++) if ((path >> k) & 1) x = branch(k, x)
        x.forEach((value, i) => (sum[i] += value))
      }
      const y = inputs.at(-1)!.values
      const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values))
      const expected = norm(y.map((value, i) => value - sum[i])) / norm(y)
      expect(expected).toBeGreaterThan(0.01)
      expect(outputDifference(network, 2) / expected, `${name} ${remedy}`).toBeCloseTo(1, 10)
    }
  })

  test('what follows the sum is on each path: ReLU(x) + ReLU(f(x)) against ReLU(x + f(x))', () => {
    const graph = block(
      [
        ...RELU_LINEAR.nodes
          .slice(1)
          .map((node) => ({ ...node, inputs: node.id === 'linear' ? ['input'] : node.inputs })),
        { id: 'after', op: 'relu', inputs: ['sum'] },
      ],
      'after',
    )
    const network = {
      graph,
      input: array3([1, 1, 2], Float64Array.from([1, -1])),
      blocks: [
        new Map([['linear', [array3([1, 2, 2], Float64Array.from([-3, 2, 0, 0])), array3([1, 1, 2])]]]),
      ],
    }
    // f(x) = (-3, 2): y = ReLU(-2, 1) = (0, 1), the paths (1, 0) + (0, 2).
    expect(outputDifference(network)).toBeCloseTo(Math.SQRT2, 14)
  })

  test('1/√2 on the sums of a positively homogeneous block scales every path alike', () => {
    const [plain, scaled] = differenceOf({ block: ['relu-linear'], remedies: ['none', 'rsqrt2'] })
    expect(plain.mean).toBeGreaterThan(0.1)
    expect(scaled.mean / plain.mean).toBeCloseTo(1, 12)
  })

  test('one path alone, and branches that start at 0, leave nothing to differ', () => {
    for (const { high } of differenceOf({ skip: 'off', remedies: ['none', 'batch-norm'] }))
      expect(high).toBe(0)
    const names = PRESETS.map(({ name }) => name)
    for (const { high } of differenceOf({ block: names, remedies: ['skipinit'] })) expect(high).toBe(0)
  })

  test('noise that every sample draws anew is that of the sample', () => {
    const dropout = block(
      [
        ...RELU_LINEAR.nodes.slice(0, 2),
        { id: 'drop', op: 'dropout', inputs: ['linear'], rate: 0.3 },
        { id: 'sum', op: 'sum', inputs: ['input', 'drop'] },
      ],
      'sum',
    )
    const [{ measured }] = measurePaths({ ...small, block: [dropout] }, 'all')
    expect(measured!.relativeError!.high).toBeLessThan(1e-12)
    expect(measured!.outputDifference!.mean).toBeGreaterThan(0.1)
  })

  test('the same whichever way terms are listed; null beyond 12 blocks, with the reason', () => {
    const [[all], [byLength], [sampled]] = (['all', 'length', 'sample'] as const).map((listing) =>
      differenceOf({}, listing),
    )
    expect(byLength).toEqual(all)
    expect(sampled).toEqual(all)
    const [{ measured }] = measurePaths({ ...small, blocks: 13 }, 'length')
    expect(measured).toMatchObject({
      outputDifference: null,
      outputDifferenceNote: 'the outputs of all paths are added up for at most 12 blocks: 13 have 2^13 paths',
    })
  })
})

describe('what is said of it', () => {
  const spread = (mean: number, low = mean, high = mean) => ({ outputDifference: { mean, low, high } })

  test('by how much, of what, and how it was before training', () => {
    expect(outputsFinding(spread(0.961), 4, 'one network')).toBe(
      'The derivative at one input is exactly the sum over its paths, the output is not: the outputs of 16 paths, ' +
        'each on x by itself, add up to what differs from y by 0.961 times y’s norm (one network).',
    )
    expect(outputsFinding(spread(1.5, 1, 2), 3, 'one network, 20 samples', spread(0.5))).toContain(
      'by 1.50 times y’s norm (one network, 20 samples; mean, 5–95 %: 1.00 to 2.00; before training 0.500).',
    )
  })

  test('where nothing differs, where numbers end, and of runs that did not measure it', () => {
    expect(outputsFinding(spread(0), 4, 'n = 2 networks')).toBe(
      'The outputs of the paths add up to y, too: each path on x by itself, their sum differs from y by 0 of its ' +
        'norm (n = 2 networks).',
    )
    expect(outputsFinding(spread(NaN), 4, 'one network')).toContain('cannot be told')
    const old = outputsFinding({}, 4, 'one network')
    expect(old).toMatch(/the output of nonlinear blocks is not, as every copy of a block gets another sum\.$/)
    expect(outputsFinding(null, 4, 'one network')).toBe(old)
    expect(outputsFinding({ outputDifference: null, outputDifferenceNote: 'why' }, 13, '')).toContain(
      'By how much is not measured: why.',
    )
  })
})
