/**
 * Linear regions. A network's activation pattern at an input says of every ReLU whether it is on (its input above 0). A
 * *region* is a connected set of inputs with one pattern; within it a network of ReLUs, linear layers, scales and sums,
 * with its statistics held constant, is one linear function. On a line regions are found exactly, by solving for the
 * places where a ReLU's input is 0; in a plane the patterns at the points of a grid are counted, which finds at most as
 * many as there are.
 */
import type { Array3 } from '../numerics/float64'
import { enter, lineInputs, passBlock, switching, type FrozenNetwork } from '../network/frozen-network'
import type { BlockGraph } from '../graph/block-graph'
import type { BlockTrace } from '../block/interpreter'

/**
 * Between two neighbouring inputs each of these, its statistics held constant, keeps what is linear linear; but for the
 * kinks of ReLUs.
 */
const PIECEWISE_LINEAR: readonly string[] = [
  ...['linear', 'relu', 'leaky-relu', 'identity', 'batch-norm', 'center'],
  ...['scale', 'block-scale', 'gain', 'diagonal', 'shift', 'sum'],
]

/** Why the regions of a network of these blocks cannot be found exactly, or null. */
export function whyNotExact(graph: BlockGraph): string | null {
  const other = graph.nodes.find(({ op }) => !PIECEWISE_LINEAR.includes(op))
  return other ? `it holds “${other.op}”, which is not piecewise linear` : null
}

export interface LineRegions {
  /** Regions of blocks 1..k, k = 0..L: of the network as far as block k. */
  counts: number[]
  /** Per block, the places at which a ReLU of it switches where none of an earlier block does. */
  breaks: Float64Array[]
  /** Whether the counts are exact; else they are lower bounds, from a grid. */
  isExact: boolean
  /** The first block that was left out; null: none. */
  cutAt: number | null
  /** Why it was: there are too many regions, or a value is not finite. */
  cause: 'many' | 'overflow' | null
}

/**
 * Regions narrower than this share of the line are not told from their neighbours: kinks that should coincide scatter
 * by rounding.
 */
const NARROWEST = 1e-9
export const MOST_REGIONS = 32_000
const GRID_POINTS = 4096

/** What one more block adds. */
export interface BlockRegions {
  count: number
  breaks: Float64Array
}

export function lineRegions(
  network: FrozenNetwork,
  [from, to]: readonly [number, number],
  onBlock: (found: BlockRegions) => void = () => {},
  most = MOST_REGIONS,
): LineRegions {
  return whyNotExact(network.graph)
    ? regionsOnGrid(network, [from, to], onBlock)
    : regionsBySolving(network, [from, to], onBlock, most)
}

/**
 * Everything is linear between neighbouring breaks, so that a ReLU's zero between them is where the straight line
 * between its inputs at both ends is 0. It becomes a break; the block is passed again, since its later ReLUs see a kink
 * there.
 */
function regionsBySolving(
  network: FrozenNetwork,
  [from, to]: readonly [number, number],
  onBlock: (found: BlockRegions) => void,
  most: number,
): LineRegions {
  let x: Float64Array = Float64Array.of(from, to)
  let h = enter(network, lineInputs(x))
  const result: LineRegions = { counts: [1], breaks: [], isExact: true, cutAt: null, cause: null }
  for (let k = 1; k <= network.blocks.length; k++) {
    const added: number[] = []
    for (;;) {
      const trace = passBlock(network, k, h)
      if (!isFinite(trace.output)) return { ...result, cutAt: k, cause: 'overflow' }
      const zeros = zerosBetween(network.graph, trace, x, NARROWEST * (to - from))
      if (!zeros.length) {
        h = trace.output
        break
      }
      if (x.length + zeros.length > most) return { ...result, cutAt: k, cause: 'many' }
      added.push(...zeros)
      ;[x, h] = withPoints(x, h, zeros)
    }
    result.breaks.push(Float64Array.from(added).sort())
    result.counts.push(x.length - 1)
    onBlock({ count: result.counts[k], breaks: result.breaks[k - 1] })
  }
  return result
}

export const isFinite = ({ values }: Array3) => values.every(Number.isFinite)

/**
 * In ascending order, where a ReLU's input crosses 0 strictly between two neighbouring points; nearer than `least` they
 * are one place.
 */
function zerosBetween(
  graph: BlockGraph,
  trace: BlockTrace<Array3>,
  x: Float64Array,
  least: number,
): Float64Array {
  const found: number[] = []
  for (const { inputs } of switching(graph)) {
    const { shape, values } = trace.values.get(inputs[0])!
    const width = shape[2]
    for (let i = 0; i + 1 < x.length; i++) {
      const gap = x[i + 1] - x[i]
      for (let at = i * width; at < (i + 1) * width; at++) {
        const [a, b] = [values[at], values[at + width]]
        if (a > 0 === b > 0) continue
        const step = (gap * a) / (a - b)
        if (step > least && gap - step > least) found.push(x[i] + step)
      }
    }
    // A later ReLU of the same block sees kinks where this one switches: first these.
    if (found.length) break
  }
  const sorted = Float64Array.from(found).sort()
  let last = -Infinity
  return sorted.filter((place) => place - last > least && ((last = place), true))
}

/** The points with others between them, and h there: linear between neighbours. */
function withPoints(x: Float64Array, h: Array3, added: Float64Array): [Float64Array, Array3] {
  const width = h.shape[2]
  const points = new Float64Array(x.length + added.length)
  const values = new Float64Array(points.length * width)
  let [old, next] = [0, 0]
  for (let i = 0; i < points.length; i++) {
    if (next < added.length && added[next] < x[old]) {
      const place = added[next++]
      const share = (place - x[old - 1]) / (x[old] - x[old - 1])
      points[i] = place
      for (let j = 0; j < width; j++) {
        const [a, b] = [h.values[(old - 1) * width + j], h.values[old * width + j]]
        values[i * width + j] = a + share * (b - a)
      }
    } else {
      points[i] = x[old]
      values.set(h.values.subarray(old * width, (old + 1) * width), i * width)
      old++
    }
  }
  return [points, { shape: [1, points.length, width], values }]
}

/** Neighbouring points of a grid with different patterns lie in different regions: at least that many there are. */
function regionsOnGrid(
  network: FrozenNetwork,
  [from, to]: readonly [number, number],
  onBlock: (found: BlockRegions) => void,
): LineRegions {
  const gap = (to - from) / (GRID_POINTS - 1)
  const x = Float64Array.from({ length: GRID_POINTS }, (_, i) => from + gap * i)
  const differs = new Uint8Array(GRID_POINTS - 1)
  const result: LineRegions = { counts: [1], breaks: [], isExact: false, cutAt: null, cause: null }
  let h = enter(network, lineInputs(x))
  for (let k = 1; k <= network.blocks.length; k++) {
    const trace = passBlock(network, k, h)
    if (!isFinite(trace.output)) return { ...result, cutAt: k, cause: 'overflow' }
    const added: number[] = []
    for (const { inputs } of switching(network.graph)) {
      const { shape, values } = trace.values.get(inputs[0])!
      for (let i = 0; i < differs.length; i++) {
        if (differs[i] || isSamePattern(values, shape[2], i, i + 1)) continue
        differs[i] = 1
        added.push((x[i] + x[i + 1]) / 2)
      }
    }
    result.breaks.push(Float64Array.from(added).sort())
    result.counts.push(result.counts[k - 1] + added.length)
    h = trace.output
    onBlock({ count: result.counts[k], breaks: result.breaks[k - 1] })
  }
  return result
}

function isSamePattern(values: Float64Array, width: number, i: number, j: number): boolean {
  for (let unit = 0; unit < width; unit++)
    if (values[i * width + unit] > 0 !== values[j * width + unit] > 0) return false
  return true
}
