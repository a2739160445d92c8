import type { TfModule, Tensor } from './tensor'
import type { TensorMath } from '../../../shared/numerics/tensor-math'
import { reluGradient, sumOfSquares } from '../compile'
import { convolve, convolveBack, convolveWeights, taps, untap } from './windows'

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
    meanSquare(a, axis) {
      const total = sumOfSquares(tf, a, [axis - 3])
      const shape = a.shape.map((length, i) => (i === axis ? 1 : length))
      return tf.reshape(tf.mul(total, tf.scalar(1 / a.shape[axis]!)), shape)
    },
    sum: (a, axes) => tf.sum(a, axes, true),
    size: (a, axis) => a.shape[axis]!,
    exp: (a) => tf.exp(a),
    tanh: (a) => tf.tanh(a),
    sigmoid: (a) => tf.sigmoid(a),
    erf: (a) => tf.erf(a),
    maximum: (a, b) => tf.maximum(a, b),
    whereAtLeast: (gradient, a, b) => tf.mul(gradient, tf.cast(tf.greaterEqual(a, b), gradient.dtype)),
    reshape: (a, columns) => (a.shape[2] === columns ? a : tf.reshape(a, [a.shape[0], -1, columns])),
    swap: (a, first, second) => swap(tf, a, first, second),
    slice: (a, start, count) => tf.slice(a, [0, 0, start], [-1, -1, count]),
    padUnits: (a, count) =>
      tf.pad(a, [
        [0, 0],
        [0, 0],
        [0, count],
      ]),
    taps: (a, window, fill) => taps(tf, a, window, fill),
    untap: (parts, window) => untap(tf, parts, window),
    convolve: (a, weight, window) => convolve(tf, a, weight, window),
    convolveBack: (gradient, weight, window) => convolveBack(tf, gradient, weight, window),
    convolveWeights: (a, gradient, window) => convolveWeights(tf, a, gradient, window),
  }
}

function swap(tf: TfModule, a: Tensor, first: number, second: number): Tensor {
  if (first === 1 || second === 1) return a
  const [replicas, rows, columns] = a.shape
  const split = tf.reshape(a, [replicas * rows, first, second, columns / (first * second)])
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), a.shape)
}
