import { array3, type Array3 } from './array3'
import { erf } from './erf'
import type { TensorMath } from './tensor-math'
import { convolve, convolveBack, convolveWeights, taps, untap } from './float64-windows'

export { array3, type Array3 } from './array3'

function map(a: Array3, f: (x: number) => number): Array3 {
  const result = array3(a.shape)
  // A loop: several times as fast as the array's own map.
  for (let i = 0; i < result.values.length; i++) result.values[i] = f(a.values[i])
  return result
}

/** Element by element; axes of length 1 are repeated. */
function zip(a: Array3, b: Array3, f: (x: number, y: number) => number): Array3 {
  const shape = a.shape.map((n, axis) => Math.max(n, b.shape[axis])) as Array3['shape']
  const fits = shape.every((n, axis) => [a, b].every((x) => x.shape[axis] === n || x.shape[axis] === 1))
  if (!fits) throw new Error(`shapes ${a.shape.join(' × ')} and ${b.shape.join(' × ')} do not fit together`)
  const result = array3(shape)
  const [left, right, values] = [a.values, b.values, result.values]
  if (left.length === right.length) {
    for (let i = 0; i < values.length; i++) values[i] = f(left[i], right[i])
    return result
  }
  const strides = (x: Array3) =>
    [x.shape[1] * x.shape[2], x.shape[2], 1].map((s, axis) => (x.shape[axis] === 1 ? 0 : s))
  const [sa, sb] = [strides(a), strides(b)]
  let at = 0
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      const [x, y] = [i * sa[0] + j * sa[1], i * sb[0] + j * sb[1]]
      for (let k = 0; k < shape[2]; k++) values[at++] = f(left[x + k * sa[2]], right[y + k * sb[2]])
    }
  }
  return result
}

function sum(a: Array3, axes: readonly number[]): Array3 {
  const shape = a.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)) as Array3['shape']
  const result = array3(shape)
  const strides = [shape[1] * shape[2], shape[2], 1].map((s, axis) => (shape[axis] === 1 ? 0 : s))
  let at = 0
  for (let i = 0; i < a.shape[0]; i++) {
    for (let j = 0; j < a.shape[1]; j++) {
      for (let k = 0; k < a.shape[2]; k++) {
        result.values[i * strides[0] + j * strides[1] + k * strides[2]] += a.values[at++]
      }
    }
  }
  return result
}

function transpose({ shape: [r, rows, columns], values }: Array3): Array3 {
  const result = array3([r, columns, rows])
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < columns; k++) {
        result.values[(i * columns + k) * rows + j] = values[(i * rows + j) * columns + k]
      }
    }
  }
  return result
}

function product(a: Array3, b: Array3): Array3 {
  const [replicas, rows, inner] = [Math.max(a.shape[0], b.shape[0]), a.shape[1], a.shape[2]]
  const columns = b.shape[2]
  if (b.shape[1] !== inner) throw new Error(`inner lengths ${inner} and ${b.shape[1]} differ`)
  const result = array3([replicas, rows, columns])
  const [left, right, values] = [a.values, b.values, result.values]
  for (let r = 0; r < replicas; r++) {
    const fromA = (a.shape[0] === 1 ? 0 : r) * rows * inner
    const fromB = (b.shape[0] === 1 ? 0 : r) * inner * columns
    for (let i = 0; i < rows; i++) {
      const out = (r * rows + i) * columns
      for (let k = 0; k < inner; k++) {
        const x = left[fromA + i * inner + k]
        for (let j = 0, at = fromB + k * columns; j < columns; j++, at++) values[out + j] += x * right[at]
      }
    }
  }
  return result
}

function reshape({ shape: [replicas, rows, columns], values }: Array3, wanted: number): Array3 {
  if ((rows * columns) % wanted) throw new Error(`${rows} × ${columns} values do not fill rows of ${wanted}`)
  return { shape: [replicas, (rows * columns) / wanted, wanted], values }
}

function swap({ shape, values }: Array3, first: number, second: number): Array3 {
  const result = array3(shape)
  const rest = shape[2] / (first * second)
  for (let row = 0; row < shape[0] * shape[1]; row++) {
    for (let i = 0; i < first; i++) {
      for (let j = 0; j < second; j++) {
        const from = row * shape[2] + (i * second + j) * rest
        result.values.set(values.subarray(from, from + rest), row * shape[2] + (j * first + i) * rest)
      }
    }
  }
  return result
}

function slice({ shape: [replicas, rows, columns], values }: Array3, start: number, count: number): Array3 {
  const result = array3([replicas, rows, count])
  for (let row = 0; row < replicas * rows; row++) {
    const from = row * columns + start
    result.values.set(values.subarray(from, from + count), row * count)
  }
  return result
}

function padUnits({ shape: [replicas, rows, columns], values }: Array3, count: number): Array3 {
  const result = array3([replicas, rows, columns + count])
  for (let row = 0; row < replicas * rows; row++) {
    result.values.set(values.subarray(row * columns, (row + 1) * columns), row * (columns + count))
  }
  return result
}

/** Plain float64: exact enough for finite differences, and the oracle for the trainer's float32. */
export const float64: TensorMath<Array3> = {
  matMul: (a, b, transposeA = false, transposeB = false) =>
    product(transposeA ? transpose(a) : a, transposeB ? transpose(b) : b),
  add: (a, b) => zip(a, b, (x, y) => x + y),
  subtract: (a, b) => zip(a, b, (x, y) => x - y),
  multiply: (a, b) => zip(a, b, (x, y) => x * y),
  scale: (a, factor) => map(a, (x) => x * factor),
  relu: (a) => map(a, (x) => Math.max(0, x)),
  reluGradient: (gradient, output) => zip(gradient, output, (g, y) => (y > 0 ? g : 0)),
  square: (a) => map(a, (x) => x * x),
  rsqrt: (a, epsilon) => map(a, (x) => 1 / Math.sqrt(x + epsilon)),
  mean: (a, axis) => map(sum(a, [axis]), (x) => x / a.shape[axis]),
  meanSquare: (a, axis) =>
    map(
      sum(
        map(a, (x) => x * x),
        [axis],
      ),
      (x) => x / a.shape[axis],
    ),
  sum,
  size: (a, axis) => a.shape[axis],
  exp: (a) => map(a, Math.exp),
  tanh: (a) => map(a, Math.tanh),
  sigmoid: (a) => map(a, (x) => 1 / (1 + Math.exp(-x))),
  erf: (a) => map(a, erf),
  maximum: (a, b) => zip(a, b, Math.max),
  whereAtLeast: (gradient, a, b) =>
    zip(
      gradient,
      zip(a, b, (x, y) => (x >= y ? 1 : 0)),
      (g, mask) => (mask ? g : 0),
    ),
  reshape,
  swap,
  slice,
  padUnits,
  taps,
  untap,
  convolve,
  convolveBack,
  convolveWeights,
}
