import type * as Tf from '@tensorflow/tfjs'
import type { TensorMath } from '../../../shared/tensor-math'
import { reluGradient } from '../compile'

export type TfModule = typeof Tf
export type Tensor = Tf.Tensor

/** The block operations' arithmetic on TensorFlow.js. */
export function tensorMath(tf: TfModule): TensorMath<Tensor> {
  return {
    matMul: (a, b, transposeA = false, transposeB = false) => tf.matMul(a, b, transposeA, transposeB),
    add: (a, b) => tf.add(a, b),
    subtract: (a, b) => tf.sub(a, b),
    multiply: (a, b) => tf.mul(a, b),
    scale: (a, factor) => tf.mul(a, tf.scalar(factor)),
    relu: (a) => tf.relu(a),
    reluGradient: (gradient, output) => reluGradient(tf, gradient, output),
    square: (a) => tf.square(a),
    rsqrt: (a, epsilon) => tf.rsqrt(tf.add(a, tf.scalar(epsilon))),
    mean: (a, axis) => tf.mean(a, axis, true),
    sum: (a, axes) => tf.sum(a, axes, true),
  }
}
