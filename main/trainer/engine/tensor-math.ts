import type * as Tf from '@tensorflow/tfjs'
import type { TensorMath } from '../../../shared/tensor-math'
import { windowGrid, type Window } from '../../../shared/window'
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
    size: (a, axis) => a.shape[axis]!,
    exp: (a) => tf.exp(a),
    tanh: (a) => tf.tanh(a),
    sigmoid: (a) => tf.sigmoid(a),
    erf: (a) => tf.erf(a),
    maximum: (a, b) => tf.maximum(a, b),
    whereAtLeast: (gradient, a, b) => tf.mul(gradient, tf.cast(tf.greaterEqual(a, b), gradient.dtype)),
    reshape: (a, columns) => (a.shape[2] === columns ? a : tf.reshape(a, [a.shape[0], -1, columns])),
    swap: (a, first, second) => swap(tf, a, first, second),
    concat: (parts) => (parts.length > 1 ? tf.concat([...parts], 2) : parts[0]),
    slice: (a, start, count) => tf.slice(a, [0, 0, start], [-1, -1, count]),
    padUnits: (a, count) =>
      tf.pad(a, [
        [0, 0],
        [0, 0],
        [0, count],
      ]),
    taps: (a, window, fill) => taps(tf, a, window, fill),
    untap: (parts, window) => untap(tf, parts, window),
  }
}

function swap(tf: TfModule, a: Tensor, first: number, second: number): Tensor {
  if (first === 1 || second === 1) return a
  const [replicas, rows, columns] = a.shape
  const split = tf.reshape(a, [replicas * rows, first, second, columns / (first * second)])
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), a.shape)
}

/** The grid with its margin, once; then one slice of it for each tap. */
function taps(tf: TfModule, a: Tensor, window: Window, fill: number): Tensor[] {
  const { grid, kernel, stride, padding } = window
  if (isPointwise(window)) return [a]
  const [replicas, , units] = a.shape
  const [rows, columns] = windowGrid(window)
  const images = tf.reshape(a, [-1, ...grid, units])
  const margins: [number, number][] = [[0, 0], ...margin(padding), [0, 0]]
  const padded = padding.some((n) => n > 0) ? tf.pad(images, margins, fill) : images
  return tapPlaces(kernel).map(([i, j]) => {
    const end = [i + (rows - 1) * stride[0] + 1, j + (columns - 1) * stride[1] + 1]
    const last = padded.shape as number[]
    const seen = stride.every((n) => n === 1)
      ? tf.slice(padded, [0, i, j, 0], [-1, rows, columns, -1])
      : tf.stridedSlice(padded, [0, i, j, 0], [last[0], ...end, units], [1, ...stride, 1])
    return tf.reshape(seen, [replicas, -1, units])
  })
}

/** Every part is spread over the padded grid, from its tap's place on and `stride` apart; of the sum the margin is cut off. */
function untap(tf: TfModule, parts: readonly Tensor[], window: Window): Tensor {
  const { grid, kernel, stride, padding } = window
  if (isPointwise(window)) return parts[0]
  const [replicas, , units] = parts[0].shape
  const output = windowGrid(window)
  // Steps beyond the last place would leave the grid, so the dilated part may be longer than it; that end is cut off as well.
  const size = [0, 1].map((axis) =>
    Math.max(grid[axis] + 2 * padding[axis], kernel[axis] - 1 + output[axis] * stride[axis]),
  )
  const spread = tapPlaces(kernel).map(([i, j], tap) => {
    const images = tf.reshape(parts[tap], [-1, output[0], 1, output[1], 1, units])
    const gaps: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, stride[0] - 1],
      [0, 0],
      [0, stride[1] - 1],
      [0, 0],
    ]
    const dilated = stride.some((n) => n > 1) ? tf.pad(images, gaps) : images
    const [rows, columns] = [output[0] * stride[0], output[1] * stride[1]]
    const around: [number, number][] = [
      [0, 0],
      [i, size[0] - i - rows],
      [j, size[1] - j - columns],
      [0, 0],
    ]
    const flat = tf.reshape(dilated, [-1, rows, columns, units])
    return around.some(([before, after]) => before + after > 0) ? tf.pad(flat, around) : flat
  })
  const total = spread.length > 1 ? tf.addN(spread) : spread[0]
  const inside = tf.slice(total, [0, ...padding, 0], [-1, ...grid, -1])
  return tf.reshape(inside, [replicas, -1, units])
}

/** Every position sees itself alone. */
const isPointwise = ({ kernel, stride, padding }: Window) =>
  [...kernel, ...stride].every((n) => n === 1) && padding.every((n) => n === 0)

const margin = (padding: Window['padding']) => padding.map((n): [number, number] => [n, n])

/** Row and column of every tap, row by row. */
const tapPlaces = ([rows, columns]: Window['kernel']) =>
  Array.from({ length: rows * columns }, (_, tap) => [Math.floor(tap / columns), tap % columns])
