/** Where deviations are this much smaller than the values, they are float32's rounding and not a signal. */
const CONSTANT = 1e-5

/**
 * Σ_i d_i d_{i+lag} / Σ_i d_i², d the values less their mean, for lags 0..last: the sum has fewer terms at larger lags
 * and is not scaled up for that. NaN where the values are not finite or all alike.
 */
export function autocorrelation(values: ArrayLike<number>, last: number): Float64Array {
  const n = values.length
  let [mean, largest] = [0, 0]
  for (let i = 0; i < n; i++) {
    mean += values[i] / n
    largest = Math.max(largest, Math.abs(values[i]))
  }
  // Scaled, so that squares stay in range.
  const deviations = Float64Array.from(values, (value) => (largest > 0 ? (value - mean) / largest : 0))
  const variance = deviations.reduce((sum, d) => sum + d * d, 0)
  if (!(variance > n * CONSTANT ** 2)) return new Float64Array(last + 1).fill(NaN)
  const sums = laggedSums(deviations)
  return Float64Array.from({ length: last + 1 }, (_, lag) => sums[lag] / sums[0])
}

/** The first lag at which an autocorrelation is below one half; null: at none; NaN: there is no autocorrelation. */
export function halfLag(acf: readonly number[]): number | null {
  if (Number.isNaN(acf[0])) return NaN
  const lag = acf.findIndex((value) => value < 0.5)
  return lag < 0 ? null : lag
}

/**
 * Σ_i d_i d_{i+lag} for every lag: the inverse transform of the squared spectrum (Wiener and Khinchin), zeros behind
 * the values.
 */
function laggedSums(d: Float64Array): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(2 * d.length))
  const [re, im] = [new Float64Array(size), new Float64Array(size)]
  re.set(d)
  transform(re, im)
  for (let i = 0; i < size; i++) [re[i], im[i]] = [re[i] * re[i] + im[i] * im[i], 0]
  // The squared spectrum is even, so that forward and inverse transform differ by the factor 1/size only.
  transform(re, im)
  return re.subarray(0, d.length).map((sum) => sum / size)
}

/** Fast Fourier transform in place (Cooley and Tukey 1965); the length is a power of two. */
function transform(re: Float64Array, im: Float64Array): void {
  const size = re.length
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      ;[re[i], re[j]] = [re[j], re[i]]
      ;[im[i], im[j]] = [im[j], im[i]]
    }
  }
  for (let length = 2; length <= size; length *= 2) {
    const half = length / 2
    for (let k = 0; k < half; k++) {
      const angle = (-2 * Math.PI * k) / length
      const [wr, wi] = [Math.cos(angle), Math.sin(angle)]
      for (let a = k; a < size; a += length) {
        const b = a + half
        const [xr, xi] = [re[b] * wr - im[b] * wi, re[b] * wi + im[b] * wr]
        re[b] = re[a] - xr
        im[b] = im[a] - xi
        re[a] += xr
        im[a] += xi
      }
    }
  }
}
