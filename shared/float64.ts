import type { TensorMath } from './tensor-math'

/** [replica, sample, unit] (or a parameter's [replica, rows, columns]), row-major, float64. */
export interface Array3 {
  shape: [number, number, number]
  values: Float64Array
}

export function array3(shape: [number, number, number], values?: ArrayLike<number>): Array3 {
  const size = shape[0] * shape[1] * shape[2]
  if (values && values.length !== size)
    throw new Error(`${values.length} values do not fill ${shape.join(' × ')}`)
  return { shape, values: values ? Float64Array.from(values) : new Float64Array(size) }
}

function map(a: Array3, f: (x: number) => number): Array3 {
  return { shape: a.shape, values: a.values.map(f) }
}

/** Element by element; axes of length 1 are repeated. */
function zip(a: Array3, b: Array3, f: (x: number, y: number) => number): Array3 {
  const shape = a.shape.map((n, axis) => Math.max(n, b.shape[axis])) as Array3['shape']
  const fits = shape.every((n, axis) => [a, b].every((x) => x.shape[axis] === n || x.shape[axis] === 1))
  if (!fits) throw new Error(`shapes ${a.shape.join(' × ')} and ${b.shape.join(' × ')} do not fit together`)
  const result = array3(shape)
  const strides = (x: Array3) =>
    [x.shape[1] * x.shape[2], x.shape[2], 1].map((s, axis) => (x.shape[axis] === 1 ? 0 : s))
  const [sa, sb] = [strides(a), strides(b)]
  let at = 0
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        const x = a.values[i * sa[0] + j * sa[1] + k * sa[2]]
        const y = b.values[i * sb[0] + j * sb[1] + k * sb[2]]
        result.values[at++] = f(x, y)
      }
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
  for (let r = 0; r < replicas; r++) {
    const fromA = (a.shape[0] === 1 ? 0 : r) * rows * inner
    const fromB = (b.shape[0] === 1 ? 0 : r) * inner * columns
    for (let i = 0; i < rows; i++) {
      const out = (r * rows + i) * columns
      for (let k = 0; k < inner; k++) {
        const x = a.values[fromA + i * inner + k]
        for (let j = 0; j < columns; j++) result.values[out + j] += x * b.values[fromB + k * columns + j]
      }
    }
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
  sum,
}
