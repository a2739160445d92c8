import type { SeriesHeader } from '../theory/series'
import type { PointSummary, Summary } from '../numerics/statistics'

/** Equal bins from -4 to 4. */
export const HISTOGRAM_BINS = 40

/** Statistics of h_k, k = 0..L, over replicas. */
export interface ForwardPoint {
  q: PointSummary
  v: PointSummary
  m: PointSummary
  /**
   * Fraction of exact zeros among the outputs of block k's ReLUs; null where it has none (and at k = 0). Mean over
   * replicas.
   */
  zeros: number | null
  /** Mean cosine between h_k of two different samples of the batch. Mean over replicas; null for a batch of one. */
  correlation: number | null
  /**
   * Counts of h_k/√q in equal bins from -4 to 4, over the first replica's units and samples; the outer bins take what
   * lies beyond.
   */
  histogram: number[]
}

/** Statistics of the gradient with respect to h_k, over replicas. */
export interface BackwardPoint {
  p: PointSummary
  /** Squared Frobenius norm of block k's weight gradients; null at k = 0. */
  weightGradientNorm2: PointSummary | null
}

/** The whole result of a measurement, one series: what the CLI prints and the table shows. */
export interface SeriesResult extends SeriesHeader {
  q: Summary
  v: Summary
  m: Summary
  p: Summary
  weightGradientNorm2: Summary
  /** What measuring the series took; of series that are measured together, the same share each. */
  seconds: number
}
