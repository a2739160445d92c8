import type { LesionSpread } from '../../../shared/lesion/results'
import { summarisePoint } from '../../../shared/numerics/statistics'
import type { Tensor, TfModule } from './tensor'
import { takeValues } from './tensor-values'

/**
 * Mean over samples of the cosine between those of a and b [R, B × positions, N], then over replicas.
 * Undefined, NaN, where a row is zero or not finite.
 */
export async function cosineSpread(tf: TfModule, a: Tensor, b: Tensor, batch: number): Promise<LesionSpread> {
  const rows = (stream: Tensor) => unitRows(tf, stream, batch)
  const cosines = tf.tidy((): Tensor => tf.mean(tf.sum(tf.mul(rows(a), rows(b)), 2), 1))
  return spreadOf(await takeValues(cosines))
}

/**
 * Mean over all pairs of different samples of the cosine between theirs in h [R, B × positions, N], then over replicas:
 * of unit vectors u_i it is (|Σ u_i|² - B)/(B (B - 1)). NaN for a batch of one, and as above.
 */
export async function cosineBetween(tf: TfModule, h: Tensor, batch: number): Promise<LesionSpread> {
  const squared = await takeValues(
    tf.tidy((): Tensor => tf.sum(tf.square(tf.sum(unitRows(tf, h, batch), 1)), 1)),
  )
  return spreadOf(Float64Array.from(squared, (square) => (square - batch) / (batch * (batch - 1))))
}

/** Each sample as a vector of length 1, [R, B, values]. */
function unitRows(tf: TfModule, stream: Tensor, batch: number): Tensor {
  const h = stream.shape[1] === batch ? stream : tf.reshape(stream, [stream.shape[0], batch, -1])
  // Divided by its largest entry first, a row's norm stays within range.
  const scaled = tf.div(h, tf.max(tf.abs(h), 2, true))
  return tf.div(scaled, tf.sqrt(tf.sum(tf.square(scaled), 2, true)))
}

/** Mean, 5th and 95th percentile of one value per replica. */
export function spreadOf(values: ArrayLike<number>): LesionSpread {
  const { mean, low, high } = summarisePoint(values)
  return { mean, low, high }
}
