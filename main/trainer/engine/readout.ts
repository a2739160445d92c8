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

/** The outputs [R, B, C] of features [R, B, N]: a linear layer of weight [R, N, C] and bias [R, 1, C]. */
export function readout(tf: TfModule, features: Tensor, [weight, bias]: readonly [Tensor, Tensor]): Tensor {
  return tf.add(tf.matMul(features, weight), bias)
}
