/** Over replicas, one entry per position (block): arithmetic mean, median, 5th and 95th percentile. */
export interface Summary {
  mean: number[]
  median: number[]
  low: number[]
  high: number[]
}

/** One entry of a Summary. */
export interface PointSummary {
  mean: number
  median: number
  low: number
  high: number
}

/**
 * Percentile by linear interpolation between order statistics (Hyndman and Fan's type 7, numpy's default).
 * @param sorted ascending, at least one value; @param share 0..1
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const fraction = position - below
  // Interpolating between infinities would give NaN where the answer is plain.
  if (fraction === 0 || sorted[below] === sorted[below + 1]) return sorted[below]
  return sorted[below] * (1 - fraction) + sorted[below + 1] * fraction
}

/** @param values one per replica; NaN in any of them makes every statistic NaN: non-finite values are never dropped. */
export function summarisePoint(values: ArrayLike<number>): PointSummary {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  const sorted = Float64Array.from(values).sort()
  if (sorted.some(Number.isNaN)) return { mean: NaN, median: NaN, low: NaN, high: NaN }
  return {
    mean: sum / values.length,
    median: percentile(sorted, 0.5),
    low: percentile(sorted, 0.05),
    high: percentile(sorted, 0.95),
  }
}

/** A summary whose entries are still to be set, all NaN. @param length number of entries */
export function emptySummary(length: number): Summary {
  const nans = () => new Array<number>(length).fill(NaN)
  return { mean: nans(), median: nans(), low: nans(), high: nans() }
}

/** Writes one point into a summary, in place. */
export function setPoint(summary: Summary, position: number, point: PointSummary): void {
  summary.mean[position] = point.mean
  summary.median[position] = point.median
  summary.low[position] = point.low
  summary.high[position] = point.high
}
