import { erf } from './erf'

/** φ(x), the density of a standard normal. */
export const normalDensity = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)

/** Φ(x), its distribution function. */
export const normalDistribution = (x: number) => (1 + erf(x / Math.SQRT2)) / 2

const REACH = 8
const STEPS = 256
let table: Float64Array | null = null

/** Φ(x) to 5e-7, from a table: for the many values of sampled theory. */
export function roughNormalDistribution(x: number): number {
  table ??= Float64Array.from({ length: 2 * REACH * STEPS + 2 }, (_, i) =>
    normalDistribution(i / STEPS - REACH),
  )
  if (!(Math.abs(x) < REACH)) return x > 0 ? 1 : 0
  const place = (x + REACH) * STEPS
  const below = Math.floor(place)
  return table[below] + (table[below + 1] - table[below]) * (place - below)
}

const quantiles = new Map<number, Float64Array>()

/** The middles of `count` equally likely parts of a standard normal, ascending. */
export function normalQuantiles(count: number): Float64Array {
  const known = quantiles.get(count)
  if (known) return known
  const found = Float64Array.from({ length: count }, (_, i) => {
    const wanted = (i + 0.5) / count
    let [low, high] = [-REACH, REACH]
    while (high - low > 1e-9) {
      const middle = (low + high) / 2
      if (normalDistribution(middle) < wanted) low = middle
      else high = middle
    }
    return (low + high) / 2
  })
  quantiles.set(count, found)
  return found
}
