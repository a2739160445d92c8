import type { Backend } from '../backend'
import type { Tensor, TfModule } from './tensor'

/** Mean over positions: [R, B × positions, N] → [R, B, N]. */
export function pooled(tf: TfModule, h: Tensor, grid: number): Tensor {
  if (grid === 1) return h
  const [replicas, , units] = h.shape
  return tf.mean(tf.reshape(h, [replicas, -1, grid, units]), 2)
}

/** The adjoint of `pooled`: [R, B, N] → [R, B × positions, N], each position an equal part. */
export function unpooled(tf: TfModule, gradient: Tensor, grid: number): Tensor {
  if (grid === 1) return gradient
  const [replicas, samples, units] = gradient.shape as [number, number, number]
  const each = tf.reshape(tf.mul(gradient, tf.scalar(1 / grid)), [replicas, samples, 1, units])
  return tf.reshape(tf.tile(each, [1, 1, grid, 1]), [replicas, samples * grid, units])
}

/** The logits [R, B, classes] of features [R, B, N]: a linear layer of weight [R, N, classes] and bias [R, 1, 10]. */
export function classScores(
  tf: TfModule,
  features: Tensor,
  [weight, bias]: readonly [Tensor, Tensor],
): Tensor {
  return tf.add(tf.matMul(features, weight), bias)
}

/**
 * Softmax cross-entropy, -Σ_c y_c ln softmax(logits)_c, mean over the batch, in nats (Goodfellow et al., Deep Learning,
 * section 6.2.2.3); accuracy, the share of right answers; and the loss's gradient, (softmax(logits) - y)/B.
 * @param logits [R, B, classes]
 * @param y one-hot, [1, B, classes]
 * @returns loss [R], accuracy [R], gradient [R, B, classes]
 */
export function crossEntropy({ tf }: Backend, logits: Tensor, y: Tensor, replicas: number) {
  const batch = logits.shape[1]!
  const shifted = tf.sub(logits, tf.max(logits, 2, true))
  const exponentials = tf.exp(shifted)
  const total = tf.sum(exponentials, 2, true)
  const logProbability = tf.sub(shifted, tf.log(total))
  const loss = tf.reshape(tf.neg(tf.div(tf.sum(tf.mul(logProbability, y), [1, 2]), tf.scalar(batch))), [
    replicas,
  ])
  const right = tf.equal(tf.argMax(logits, 2), tf.argMax(y, 2))
  const accuracy = tf.mean(tf.cast(right, 'float32'), 1)
  const gradient = tf.div(tf.sub(tf.div(exponentials, total), y), tf.scalar(batch))
  return { loss, accuracy, gradient }
}
