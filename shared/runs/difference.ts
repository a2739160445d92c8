import { summarisePoint } from '../numerics/statistics'
import { pairedDifference } from '../numerics/paired'
import { studentQuantile } from '../numerics/student'
import type { ComparedPoint } from './comparison'
import type { SeriesReading } from './readings'
import { standardDeviation } from './statistics'

export interface Difference {
  points: readonly ComparedPoint[]
  /** Whether networks were held against their twins: same seed, so the same initial weights and batches. */
  isPaired: boolean
}

/**
 * One metric of two series, the first less the second, where both have it. Networks of one seed are compared one by
 * one: mean of the differences with its 95 % interval (paired t); others by their means (Welch 1947), and summaries
 * without single networks by their means alone.
 * @returns null where they have no such metric at a common place
 */
export function difference(one: SeriesReading, other: SeriesReading, metric: string): Difference | null {
  const [a, b] = [one, other].map(({ curves, numbers }) => curves[metric] ?? numbers[metric])
  if (!a || !b) return null
  const isPaired =
    a.networks !== null && b.networks !== null && a.n === b.n && one.settings.seed === other.settings.seed
  const places = new Map(b.x.map((x, i) => [x, i]))
  const points = a.x.flatMap((x, i): ComparedPoint[] => {
    const j = places.get(x)
    if (j === undefined) return []
    const [own, others] = [a.networks?.[i], b.networks?.[j]]
    if (!own || !others) return [{ x, y: a.mean[i] - b.mean[j], n: Math.min(a.n, b.n) }]
    return [{ x, ...(isPaired ? paired(own, others) : unpaired(own, others)) }]
  })
  return points.length ? { points, isPaired } : null
}

type Point = Omit<ComparedPoint, 'x'>

function paired(own: readonly number[], others: readonly number[]): Point {
  const { mean: y, low, high, n } = pairedDifference(own, others)!
  return low === null || high === null ? { y, n } : { y, low, high, n }
}

function unpaired(own: readonly number[], others: readonly number[]): Point {
  const [one, other] = [own, others].map((values) => {
    const { mean } = summarisePoint(values)
    return { n: values.length, mean, variance: standardDeviation(values, mean) ** 2 / values.length }
  })
  const y = one.mean - other.mean
  const n = Math.min(one.n, other.n)
  const variance = one.variance + other.variance
  if (n < 2 || Number.isNaN(y) || !Number.isFinite(variance)) return { y, n }
  // Welch's degrees of freedom, rounded down: the wider interval.
  const degrees =
    variance ** 2 / (one.variance ** 2 / (one.n - 1) + other.variance ** 2 / (other.n - 1)) || one.n - 1
  const half = studentQuantile(0.95, Math.max(1, Math.floor(degrees))) * Math.sqrt(variance)
  return { y, low: y - half, high: y + half, n }
}
