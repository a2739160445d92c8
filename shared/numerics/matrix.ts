/** Square matrices in float64, [n × n] row-major: one row per output, one column per input. */
export interface Matrix {
  n: number
  values: Float64Array
  /** What multiplication can make use of. */
  form: 'identity' | 'diagonal' | 'dense'
}

/** @param values n² of them, row-major; they are kept, not copied */
export function matrix(n: number, values: Float64Array): Matrix {
  return { n, values, form: formOf(n, values) }
}

/** The n × n identity. */
export function identity(n: number): Matrix {
  const values = new Float64Array(n * n)
  for (let i = 0; i < n; i++) values[i * n + i] = 1
  return { n, values, form: 'identity' }
}

/** The n × n matrix of zeros, for `addTo`. */
export const zeros = (n: number): Matrix => ({ n, values: new Float64Array(n * n), form: 'dense' })

function formOf(n: number, values: Float64Array): Matrix['form'] {
  let ones = true
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const x = values[i * n + j]
      // NaN is no zero: what is not finite stays visible.
      if (i !== j && x !== 0) return 'dense'
      if (i === j && x !== 1) ones = false
    }
  }
  return ones ? 'identity' : 'diagonal'
}

/** a b. The result may be b itself: matrices are never changed, except by `addTo`. */
export function times(a: Matrix, b: Matrix): Matrix {
  if (a.form === 'identity') return b
  if (b.form === 'identity') return a
  const { n } = a
  const values = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const row = i * n
    for (let k = a.form === 'diagonal' ? i : 0; k < (a.form === 'diagonal' ? i + 1 : n); k++) {
      const x = a.values[row + k]
      for (let j = 0, at = k * n; j < n; j++, at++) values[row + j] += x * b.values[at]
    }
  }
  return { n, values, form: 'dense' }
}

/** aᵀ, of the same form. */
export function transposed({ n, values, form }: Matrix): Matrix {
  const result = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[j * n + i] = values[i * n + j]
  return { n, values: result, form }
}

/** Adds b to a sum that nobody else holds, in place. */
export function addTo(sum: Matrix, b: Matrix): void {
  for (let i = 0; i < b.values.length; i++) sum.values[i] += b.values[i]
}

/** Sum of the diagonal entries. */
export function trace({ n, values }: Matrix): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += values[i * n + i]
  return sum
}

/** Sum of squared entries: the squared Frobenius norm, of a vector the squared length. */
export function squared({ values }: Pick<Matrix, 'values'>): number {
  let sum = 0
  for (const x of values) sum += x * x
  return sum
}

/** ‖a - b‖/‖b‖ in the Frobenius norm, of vectors in their length; 0 where both are the same. */
export function relativeError(a: Pick<Matrix, 'values'>, b: Pick<Matrix, 'values'>): number {
  let difference = 0
  for (let i = 0; i < a.values.length; i++) difference += (a.values[i] - b.values[i]) ** 2
  return difference === 0 ? 0 : Math.sqrt(difference / squared(b))
}
