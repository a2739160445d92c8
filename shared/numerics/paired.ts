import { studentQuantile } from './student'

/** The mean of paired differences, with its 95 % interval. */
export interface PairedDifference {
  mean: number
  /** Ends of the interval mean ± t · s/√n; null where one pair alone says nothing of the spread. */
  low: number | null
  high: number | null
  n: number
}

/**
 * The mean of values[i] - baseline[i] over the pairs, and its 95 % confidence interval by Student's t: mean ± t · s/√n,
 * s the standard deviation of the differences (divided by n - 1), t the 97.5 % quantile for n - 1 degrees of freedom
 * (Student 1908). Pairs share seed, initial weights where their parameters coincide, and batches.
 * @returns null where there is no pair; NaN where a value of a pair is not finite: diverged networks are never dropped
 */
export function pairedDifference(
  values: readonly number[],
  baseline: readonly number[],
): PairedDifference | null {
  const n = Math.min(values.length, baseline.length)
  if (n === 0) return null
  const differences = Array.from({ length: n }, (_, i) => values[i] - baseline[i])
  const mean = differences.reduce((sum, one) => sum + one, 0) / n
  if (!Number.isFinite(mean)) return { mean: NaN, low: null, high: null, n }
  if (n === 1) return { mean, low: null, high: null, n }
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)
  const reach = studentQuantile(0.95, n - 1) * Math.sqrt(variance / n)
  return { mean, low: mean - reach, high: mean + reach, n }
}
