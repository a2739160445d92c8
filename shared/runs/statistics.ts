import { summarisePoint } from '../numerics/statistics'
import { studentQuantile } from '../numerics/student'

/** What a group's line stands for, and its band. */
export type Centre = 'mean' | 'median'
export type Band = 'mean95' | 'sd' | 'range' | 'none'

export const CENTRES: readonly { value: Centre; label: string }[] = [
  { value: 'mean', label: 'mean' },
  { value: 'median', label: 'median' },
]

export const BANDS: readonly { value: Band; label: string; definition: string }[] = [
  {
    value: 'mean95',
    label: '95 % of the mean',
    definition:
      'Where the mean of all such networks lies with 95 % confidence: mean ± t · s/√n, t Student’s quantile ' +
      'for n − 1 degrees of freedom. None for a single value.',
  },
  { value: 'sd', label: '± sd', definition: 'Mean ± standard deviation (n − 1) of the values.' },
  { value: 'range', label: 'min–max', definition: 'From the smallest to the largest value.' },
  { value: 'none', label: 'no band', definition: 'Lines alone.' },
]

export interface Grouped {
  y: number
  low?: number
  high?: number
  n: number
}

/**
 * Values of a group as one point with its band; one that is not a number makes all of them so, as everywhere in the
 * lab: nothing is dropped.
 */
export function grouped(values: readonly number[], centre: Centre, band: Band): Grouped {
  const n = values.length
  const { mean, median } = summarisePoint(values)
  const point = { y: centre === 'mean' ? mean : median, n }
  if (band === 'none' || n < 2 || Number.isNaN(mean)) return point
  if (band === 'range') return { ...point, low: Math.min(...values), high: Math.max(...values) }
  const deviation = standardDeviation(values, mean)
  const half = band === 'sd' ? deviation : (studentQuantile(0.95, n - 1) * deviation) / Math.sqrt(n)
  return { ...point, low: mean - half, high: mean + half }
}

/** Of a sample: over n − 1. */
export function standardDeviation(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1))
}
