import { describe, expect, test } from 'vitest'
import { centred, presetNamed, withoutSkip } from '../../../shared/block/presets'
import { defaultExperiment } from '../../../shared/settings/table'
import type { Experiment } from '../../../shared/settings/experiment'
import {
  drawFrozen,
  enter,
  lineInputs,
  passBlock,
  type FrozenNetwork,
} from '../../../shared/network/frozen-network'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import {
  FEW_UNITS,
  countDistinct,
  patternsOf,
  sliceRows,
  statisticsGrid,
} from '../../../shared/shatter/plane-regions'
import { lineRegions, whyNotExact } from '../../../shared/shatter/line-regions'
import { remedyNamed } from '../../../shared/block/remedies'
import { defaultShatter } from '../../../shared/settings/shatter'
import { gridOf } from '../../../shared/shatter/shatter'

const line = [-2, 2] as const
const experimentOf = (changes: Partial<Experiment>): Experiment => ({ ...defaultExperiment(), ...changes })
const drawn = (graph: BlockGraph, changes: Partial<Experiment>, replica = 0) =>
  drawFrozen(graph, experimentOf(changes), lineInputs(gridOf(defaultShatter())), replica)

const type2 = presetNamed('relu-linear')
const plain = withoutSkip(type2)
/** Linear with biases (PyTorch's initialisation), then ReLU. */
const oneLayer = (width: number, replica: number) =>
  drawn(withoutSkip(presetNamed('linear-relu')), { width, blocks: 1, init: 'pytorch' }, replica)

/** Which ReLUs are on at some inputs, as one text per input. */
function patternTexts(network: FrozenNetwork, x: Float64Array): string[] {
  const texts = new Array<string>(x.length).fill('')
  let h = enter(network, lineInputs(x))
  network.blocks.forEach((_, k) => {
    const trace = passBlock(network, k + 1, h)
    for (const node of network.graph.nodes.filter(({ op }) => op === 'relu')) {
      const { values, shape } = trace.values.get(node.inputs[0])!
      values.forEach((value, at) => (texts[Math.floor(at / shape[2])] += value > 0 ? '1' : '0'))
    }
    h = trace.output
  })
  return texts
}

describe('regions of a line', () => {
  test('one layer of n ReLUs: one more than the places w x + b = 0 on the line, so at most n + 1', () => {
    for (let replica = 0; replica < 20; replica++) {
      const network = oneLayer(24, replica)
      const [weights, bias] = network.blocks[0].get('linear-1')!
      const zeros = [...bias.values.keys()]
        .map((unit) => {
          const slope = [...network.stem.values].reduce(
            (sum, w, i) => sum + w * weights.values[i * 24 + unit],
            0,
          )
          return -bias.values[unit] / slope
        })
        .filter((zero) => zero > -2 && zero < 2)
        .sort((a, b) => a - b)
      const { counts, breaks, isExact } = lineRegions(network, line)
      expect(isExact).toBe(true)
      expect(counts).toEqual([1, zeros.length + 1])
      expect(counts[1]).toBeLessThanOrEqual(25)
      breaks[0].forEach((place, i) => expect(place).toBeCloseTo(zeros[i], 10))
    }
  })

  test('without centring a bias-free network has two, whatever its depth: all kinks lie at 0', () => {
    for (const graph of [plain, type2, presetNamed('practical')]) {
      const { counts, breaks } = lineRegions(drawn(graph, { width: 16, blocks: 8 }), line)
      expect(counts).toEqual([1, ...new Array(8).fill(2)])
      expect(Math.abs(breaks[0][0])).toBeLessThan(1e-9)
    }
  })

  test.each([
    ['plain', centred(plain)],
    ['residual', centred(type2)],
    ['three layers in a branch', centred(presetNamed('bottleneck'))],
    ['batch norm', remedyNamed('batch-norm').apply(type2, { depth: 5 }).graph],
    ['ReLU on the stream', centred(presetNamed('original'))],
  ])('%s: the pattern is the same all through a region, and another in the next', (_, graph) => {
    const network = drawn(graph, { width: 12, blocks: 5 })
    const { counts, breaks, cutAt } = lineRegions(network, line)
    expect(cutAt).toBeNull()
    const ends = Float64Array.of(-2, ...breaks.flatMap((own) => [...own]), 2).sort()
    expect(counts[5]).toBe(ends.length - 1)
    expect(counts[5]).toBeGreaterThan(12)
    counts.forEach((count, k) => {
      if (k > 0) expect(count - counts[k - 1]).toBe(breaks[k - 1].length)
    })
    const within = (share: number) =>
      patternTexts(
        network,
        ends.slice(1).map((end, i) => ends[i] + share * (end - ends[i])),
      )
    const [early, late] = [within(0.05), within(0.95)]
    expect(early).toEqual(late)
    for (let i = 1; i < early.length; i++) expect(early[i]).not.toBe(early[i - 1])
  })

  test('a grid finds at most as many', () => {
    const network = drawn(centred(plain), { width: 12, blocks: 5 })
    const x = Float64Array.from({ length: 500 }, (_, i) => -2 + (4 * i) / 499)
    const texts = patternTexts(network, x)
    const onGrid = 1 + texts.filter((text, i) => i > 0 && text !== texts[i - 1]).length
    const exact = lineRegions(network, line).counts[5]
    expect(onGrid).toBeLessThanOrEqual(exact)
    expect(onGrid).toBeGreaterThan(exact / 2)
  })

  test('layer normalisation is not piecewise linear: a lower bound from a grid', () => {
    const { graph } = remedyNamed('layer-norm').apply(centred(type2), { depth: 3 })
    expect(whyNotExact(graph)).toBe('it holds “layer-norm”, which is not piecewise linear')
    const { counts, isExact } = lineRegions(drawn(graph, { width: 12, blocks: 3 }), line)
    expect(isExact).toBe(false)
    expect(counts).toHaveLength(4)
    counts.forEach((count, k) => k > 0 && expect(count).toBeGreaterThanOrEqual(counts[k - 1]))
  })

  test('too many: the search ends at the block that would need them, with the counts until then', () => {
    const { counts, breaks, cutAt } = lineRegions(
      drawn(centred(plain), { width: 48, blocks: 40 }),
      line,
      () => {},
      3000,
    )
    expect(cutAt).toBeGreaterThan(5)
    expect(counts).toHaveLength(cutAt!)
    expect(breaks).toHaveLength(cutAt! - 1)
    expect(counts.at(-1)).toBeLessThanOrEqual(3000)
  })
})

test('values that are not finite end the search, and a picture is refused', () => {
  const changes = { width: 16, blocks: 300, gain: 30 }
  const { cutAt, cause, counts } = lineRegions(drawn(type2, changes), line)
  expect(cause).toBe('overflow')
  expect(counts).toHaveLength(cutAt!)
  const { graph } = remedyNamed('layer-norm').apply(type2, { depth: 300 })
  expect(lineRegions(drawn(graph, { ...changes, blocks: 5 }), line).cause).toBeNull()
  const network = drawFrozen(type2, experimentOf(changes), statisticsGrid(2))
  expect(() => sliceRows(network, { reach: 2, size: 8 }, 0, 8)).toThrow(
    /^blocks: values are not finite from block \d+ on. Lower the depth or the gain, or choose a remedy/,
  )
})

describe('patterns in a plane', () => {
  const square = { reach: 2, size: 32 }
  const slice = (graph: BlockGraph, changes: Partial<Experiment>) =>
    drawFrozen(graph, experimentOf(changes), statisticsGrid(2))
  const points = 32 * 32

  test('rows together are the whole, in the same order', () => {
    const network = slice(centred(type2), { width: 20, blocks: 3 })
    const all = sliceRows(network, square, 0, 32)
    const part = sliceRows(network, square, 8, 16)
    for (let k = 0; k < 3; k++) {
      const from = k * points + 8 * 32
      expect(part.hashes.subarray(k * 256, (k + 1) * 256)).toEqual(all.hashes.subarray(from, from + 256))
      expect(part.bits.subarray(k * 256, (k + 1) * 256)).toEqual(all.bits.subarray(from, from + 256))
    }
  })

  test('n ReLUs of one layer split a plane into at most 1 + n + n(n - 1)/2 regions; through one point, 2n', () => {
    const counted = { block: 1, upTo: true, units: null }
    const biased = slice(withoutSkip(presetNamed('linear-relu')), { width: 8, blocks: 1, init: 'pytorch' })
    const found = countDistinct(patternsOf(sliceRows(biased, square, 0, 32), points, counted))
    expect(found).toBeGreaterThan(8)
    expect(found).toBeLessThanOrEqual(37)
    const through = slice(plain, { width: 8, blocks: 4 })
    const wedges = patternsOf(sliceRows(through, square, 0, 32), points, counted)
    expect(countDistinct(wedges)).toBeLessThanOrEqual(16)
    expect(countDistinct(wedges)).toBeGreaterThan(8)
  })

  test('what counts: the bits of a few units, one block or all blocks up to it', () => {
    const network = slice(centred(plain), { width: 20, blocks: 4 })
    const all = sliceRows(network, square, 0, 32)
    const distinct = (block: number, upTo: boolean, units: number | null) =>
      countDistinct(patternsOf(all, points, { block, upTo, units }))
    expect(distinct(2, false, 1)).toBe(2)
    expect(distinct(2, false, 4)).toBeLessThanOrEqual(16)
    expect(distinct(4, false, 4)).toBeLessThanOrEqual(distinct(4, false, FEW_UNITS))
    expect(distinct(4, false, FEW_UNITS)).toBeLessThanOrEqual(distinct(4, false, null))
    expect(distinct(4, false, null)).toBeLessThanOrEqual(distinct(4, true, null))
    expect(distinct(1, true, null)).toBe(distinct(1, false, null))
  })
})
