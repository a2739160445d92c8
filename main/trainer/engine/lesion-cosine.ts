import type { LesionSpread } from '../../../shared/lesion/results'
import { summarisePoint } from '../../../shared/numerics/statistics'
import type { Tensor, TfModule } from './tensor'

/**
 * Mean over samples of the cosine between those of a and b [R, B × positions, N], then over replicas.
 * Undefined, NaN, where a row is zero or not finite.
 */
export function cosineSpread(tf: TfModule, a: Tensor, b: Tensor, batch: number): LesionSpread {
  // Divided by its largest entry first, a row's norm stays within range.
  const unit = (stream: Tensor) => {
    const h = stream.shape[1] === batch ? stream : tf.reshape(stream, [stream.shape[0], batch, -1])
    const scaled = tf.div(h, tf.max(tf.abs(h), 2, true))
    return tf.div(scaled, tf.sqrt(tf.sum(tf.square(scaled), 2, true)))
  }
  const cosines = tf.tidy(() => tf.mean(tf.sum(tf.mul(unit(a), unit(b)), 2), 1).dataSync())
  return spreadOf(cosines)
}

/** Mean, 5th and 95th percentile of one value per replica. */
export function spreadOf(values: ArrayLike<number>): LesionSpread {
  const { mean, low, high } = summarisePoint(values)
  return { mean, low, high }
}
