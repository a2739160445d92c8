import { HISTOGRAM_BINS, type ForwardPoint } from '../../../shared/signal/results'
import { type BlockGraph, nodeById } from '../../../shared/graph/block-graph'
import type { BlockTrace } from '../../../shared/block/interpreter'
import { summarisePoint } from '../../../shared/numerics/statistics'
import { operationOf } from '../../../shared/operations'
import { sumOfSquares } from '../compile'
import type { Tensor, TfModule } from './tensor'

const HISTOGRAM_RANGE = 4

/** Mean square over all but the first axis: [R, B, N] → [R]. */
export type MeanSquare = (x: Tensor) => Tensor

/** Divides before it squares and sums: finite until the mean itself overflows (TensorFlow's mean divides last). */
export function safeMeanSquare(tf: TfModule): MeanSquare {
  return (x) => sumOfSquares(tf, tf.mul(x, tf.scalar(1 / Math.sqrt(x.shape[1]! * x.shape[2]!))), [-2, -1])
}

/** One pass, for statistics at every few training steps; overflows where the sum does. */
export function fastMeanSquare(tf: TfModule): MeanSquare {
  return (x) => tf.div(sumOfSquares(tf, x, [-2, -1]), tf.scalar(x.shape[1]! * x.shape[2]!))
}

/**
 * Mean square, batch variance and mean of h [R, B × positions, N], each [R]: with the batch mean u per unit,
 * v = E[(h - u)²], q = v + E[u²], m = E[u].
 */
export function moments(tf: TfModule, h: Tensor, meanSquare: MeanSquare): [q: Tensor, v: Tensor, m: Tensor] {
  const [replicas, batch] = h.shape as [number, number]
  // As a product it costs a fraction of a reduction. Deviations are taken first: the difference of two large
  // numbers would lose the variance where means pile up.
  const u = tf.matMul(tf.fill([replicas, 1, batch], 1 / batch), h)
  const v = meanSquare(tf.sub(h, u))
  return [tf.add(v, safeMeanSquare(tf)(u)), v, tf.mean(u, [1, 2])]
}

/** Mean cosine between different samples, all positions of a sample together, [R]: (|Σ h_b/|h_b||² - B)/(B (B - 1)). */
function correlation(tf: TfModule, stream: Tensor, batch: number): Tensor {
  const h = stream.shape[1] === batch ? stream : tf.reshape(stream, [stream.shape[0], batch, -1])
  const norm = tf.sqrt(sumOfSquares(tf, h, [-1]))
  // One product is one pass over the data; dividing each value first would be several.
  const inverse = tf.reshape(tf.divNoNan(tf.onesLike(norm), norm), [-1, 1, batch])
  const total = tf.matMul(inverse, h)
  return tf.div(tf.sub(tf.sum(tf.square(total), [1, 2]), tf.scalar(batch)), tf.scalar(batch * (batch - 1)))
}

/** Counts of h/√q of the first replica; what is not finite is counted nowhere (the point says so by its q). */
function histogram(tf: TfModule, h: Tensor): Tensor {
  const [, batch, width] = h.shape as [number, number, number]
  const first = tf.reshape(tf.slice(h, [0, 0, 0], [1, batch, width]), [batch * width])
  const unit = tf.div(first, tf.sqrt(tf.mean(tf.square(first))))
  const finite = tf.where(tf.isFinite(unit), unit, tf.scalar(0))
  const position = tf.mul(
    tf.add(finite, tf.scalar(HISTOGRAM_RANGE)),
    tf.scalar(HISTOGRAM_BINS / (2 * HISTOGRAM_RANGE)),
  )
  const bin = tf.clipByValue(tf.floor(position), 0, HISTOGRAM_BINS - 1)
  const counts = tf.bincount(
    tf.cast(bin, 'int32') as Tensor & { rank: 1 } as never,
    tf.tensor1d([]),
    HISTOGRAM_BINS,
  )
  return tf.cast(counts, 'float32')
}

/**
 * All statistics of h_k as one vector, reduced on the device: q, v, m, correlation, zeros (R each), then the histogram.
 * @param trace the block that made h, for the zeros of its ReLUs; null at k = 0
 */
export function forwardStatistics(
  tf: TfModule,
  graph: BlockGraph,
  trace: BlockTrace<Tensor> | null,
  h: Tensor,
  batch: number,
): Tensor {
  const [replicas] = h.shape
  const nothing = () => tf.fill([replicas], NaN)
  const zeros = reluOutputs(graph, trace).map((output) => {
    return tf.mean(tf.cast(tf.equal(output, tf.scalar(0)), 'float32'), [1, 2])
  })
  const meanZeros = zeros.length ? tf.div(tf.addN(zeros), tf.scalar(zeros.length)) : nothing()
  const parts = [
    ...moments(tf, h, safeMeanSquare(tf)),
    batch > 1 ? correlation(tf, h, batch) : nothing(),
    meanZeros,
    histogram(tf, h),
  ]
  return tf.concat(parts as Tensor[])
}

function reluOutputs(graph: BlockGraph, trace: BlockTrace<Tensor> | null): Tensor[] {
  if (!trace) return []
  return [...trace.values]
    .filter(([id]) => id !== 'input' && nodeById(graph, id).op === 'relu')
    .map(([, value]) => value)
}

/** The statistics of h_k as replicas are measured, one number per replica. */
export interface Gathered {
  q: number[]
  v: number[]
  m: number[]
  correlation: number[]
  zeros: number[]
  /** The first replica's. */
  histogram: number[]
}

/** Before the first replica is measured. */
export const nothingGathered = (): Gathered => ({
  q: [],
  v: [],
  m: [],
  correlation: [],
  zeros: [],
  histogram: [],
})

/**
 * The vector of `forwardStatistics` on the host, added to what is gathered; gives for each replica whether
 * all activations are finite.
 */
export function gatherForward(gathered: Gathered, values: Float32Array, replicas: number): boolean[] {
  const part = (i: number) => values.subarray(i * replicas, (i + 1) * replicas)
  ;(['q', 'v', 'm', 'correlation', 'zeros'] as const).forEach((key, i) => gathered[key].push(...part(i)))
  if (!gathered.histogram.length) gathered.histogram = [...values.subarray(5 * replicas)]
  // A mean is finite as long as all it is taken over is.
  return [...part(2)].map(Number.isFinite)
}

/** Over the replicas gathered so far. */
export function forwardPoint(gathered: Gathered): ForwardPoint {
  const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
  const finite = gathered.q.every(Number.isFinite)
  const cosine = mean(gathered.correlation)
  const zeros = mean(gathered.zeros)
  return {
    q: summarisePoint(gathered.q),
    v: summarisePoint(gathered.v),
    m: summarisePoint(gathered.m),
    // Norms overflow with the mean square; the cosine would be a wrong number, not a missing one.
    correlation: finite && !Number.isNaN(cosine) ? cosine : null,
    zeros: Number.isNaN(zeros) ? null : zeros,
    histogram: finite ? gathered.histogram : new Array<number>(HISTOGRAM_BINS).fill(0),
  }
}

/** The layers whose weight gradients count as a block's. */
export function linearNodes(graph: BlockGraph): string[] {
  return graph.nodes.filter((node) => operationOf(node).kind === 'linear').map((node) => node.id)
}

/** Squared Frobenius norms of weight gradients [R, in, out], summed; [R]. */
export function weightGradientSquare(tf: TfModule, gradients: Tensor[], replicas: number): Tensor {
  if (!gradients.length) return tf.zeros([replicas])
  const squares = gradients.map((gradient) => sumOfSquares(tf, gradient, [-2, -1]))
  return squares.length > 1 ? tf.addN(squares) : squares[0]
}
