import type { Experiment } from '../settings/experiment'
import { array3, float64, type Array3 } from '../numerics/float64'
import type { BlockGraph } from '../graph/block-graph'
import { STREAM, type Stream } from '../numerics/random-streams'
import { drawParameter, type ParameterPlace } from './parameters'
import {
  backwardBlock,
  forwardBlock,
  statisticsOf,
  type BatchStatistics,
  type BlockParameters,
  type BlockTrace,
} from '../block/interpreter'
import { drawNetwork } from './float64-network'
import type { TensorMath } from '../numerics/tensor-math'

/**
 * A network of few inputs and one output in float64: a bias-free He stem, the blocks, a bias-free He readout, the same
 * weights as in the trainer's float32. What it computes over the batch (batch statistics, the means that centring
 * subtracts) is taken once, over given inputs, and held constant from then on: so it is a function of one input.
 */
export interface FrozenNetwork {
  graph: BlockGraph
  /** [1, inputs, N] and [1, N, 1]. */
  stem: Array3
  head: Array3
  blocks: BlockParameters<Array3>[]
  /** Over the batch, per block. */
  statistics: BatchStatistics<Array3>[]
}

/**
 * As `float64`, several times as fast: four rows of `b` at a time, and none for zeros of `a`, which are half of what a
 * ReLU puts out. Exact where `b` is finite, as weights are.
 */
const math: TensorMath<Array3> = {
  ...float64,
  matMul(a, b, transposeA = false, transposeB = false) {
    if (transposeA || transposeB || a.shape[0] !== 1) return float64.matMul(a, b, transposeA, transposeB)
    const [, rows, inner] = a.shape
    const columns = b.shape[2]
    const result = array3([1, rows, columns])
    const used = new Int32Array(inner)
    for (let i = 0; i < rows; i++) {
      let count = 0
      for (let k = 0; k < inner; k++) if (a.values[i * inner + k] !== 0) used[count++] = k
      const out = result.values.subarray(i * columns, (i + 1) * columns)
      let at = 0
      for (; at + 4 <= count; at += 4) addRows4(out, a.values, b.values, i * inner, used, at)
      for (; at < count; at++) {
        const [x, from] = [a.values[i * inner + used[at]], used[at] * columns]
        for (let j = 0; j < columns; j++) out[j] += x * b.values[from + j]
      }
    }
    return result
  },
}

function addRows4(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  row: number,
  used: Int32Array,
  at: number,
): void {
  const columns = out.length
  const [k0, k1, k2, k3] = [used[at], used[at + 1], used[at + 2], used[at + 3]]
  const [x0, x1, x2, x3] = [a[row + k0], a[row + k1], a[row + k2], a[row + k3]]
  const [b0, b1, b2, b3] = [k0 * columns, k1 * columns, k2 * columns, k3 * columns]
  for (let j = 0; j < columns; j++)
    out[j] += x0 * b[b0 + j] + x1 * b[b1 + j] + (x2 * b[b2 + j] + x3 * b[b3 + j])
}

/** ReLUs, leaky ones too: the operations that are linear but for a kink at 0. */
export const switching = (graph: BlockGraph) =>
  graph.nodes.filter(({ op }) => op === 'relu' || op === 'leaky-relu')

/** @param over the inputs [1, points, inputs] that statistics are taken over; @param replica counts from 0 */
export function drawFrozen(
  graph: BlockGraph,
  experiment: Experiment,
  over: Array3,
  replica = 0,
): FrozenNetwork {
  const { width, seed } = experiment
  const outer = (shape: [number, number], stream: Stream) => {
    const place: ParameterPlace = { role: 'weight', shape, fanIn: shape[0], node: 'outer', ordinal: 0 }
    const values = new Float64Array(shape[0] * shape[1])
    const he = { init: 'he', gain: 1, seed } as const
    return array3([1, ...shape], drawParameter(values, place, 0, he, 1, stream, replica))
  }
  // The input and the stem from N values that it would draw are not this network's.
  const { blocks } = drawNetwork(graph, { ...experiment, batch: 1, input: 'normal', stem: 'none' }, replica)
  const [stem, head] = [outer([over.shape[2], width], STREAM.stem), outer([width, 1], STREAM.head)]
  const statistics: BatchStatistics<Array3>[] = []
  let h = math.matMul(over, stem)
  for (const parameters of blocks) {
    const trace = forwardBlock(math, graph, parameters, h)
    statistics.push(statisticsOf(graph, trace))
    h = trace.output
  }
  return { graph, stem, head, blocks, statistics }
}

/** h_0 of inputs [1, points, inputs]. */
export const enter = ({ stem }: FrozenNetwork, x: Array3): Array3 => math.matMul(x, stem)

/** Block k (from 1) on h_{k-1}. */
export function passBlock(network: FrozenNetwork, k: number, h: Array3): BlockTrace<Array3> {
  return forwardBlock(math, network.graph, network.blocks[k - 1], h, network.statistics[k - 1])
}

/** y of h_L. */
export const leave = ({ head }: FrozenNetwork, h: Array3): Float64Array => math.matMul(h, head).values

/** dy/dx at every point of a pass through all blocks, for a network of one input. */
export function slopeOf(network: FrozenNetwork, traces: readonly BlockTrace<Array3>[]): Float64Array {
  const { graph, stem, head, blocks } = network
  const points = traces[0].output.shape[1]
  const ones = array3([1, points, 1], new Float64Array(points).fill(1))
  const bottom = traces.reduceRight(
    (gradient, trace, k) => backwardBlock(math, graph, blocks[k], trace, gradient, true).input,
    float64.matMul(ones, head, false, true),
  )
  return float64.matMul(bottom, stem, false, true).values
}

/** Points of a line as inputs. */
export const lineInputs = (x: ArrayLike<number>): Array3 => array3([1, x.length, 1], x)
