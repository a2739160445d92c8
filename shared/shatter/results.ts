import type { SampleOutcomes } from '../network/results'
import type { SeriesGraph } from '../network/series'

/** Over networks, one entry per lag: mean, 5th and 95th percentile. */
export interface Band {
  mean: number[]
  low: number[]
  high: number[]
}

/** A series of networks of one input. */
export interface ShatterNetwork extends SeriesGraph {
  /** What it stands for beside the experiment's series ("deep plain"); null: one of the experiment's. */
  reference: string | null
  /** References have a depth and a skip of their own. */
  blocks: number
  skip: 'on' | 'off'
  /** Of trained networks: updates that they had then; null: they came from elsewhere, and nobody knows. */
  step?: number | null
}

/** Networks of one input: how dy/dx changes along a line (docs/command-line.md). */
export interface ShatterSeries extends ShatterNetwork {
  /** Autocorrelation of dy/dx, over networks; one entry per lag from 0. */
  acf: Band
  /** Mean over networks; of drawn ones null for a batch of one. */
  correlation: number | null
  correlationBand: { low: number; high: number } | null
  /** What `correlation` tends to, or null and why. */
  theory: number | null
  theoryNote: string | null
  /** The first network's y and dy/dx at every point. */
  curve: { y: number[]; slope: number[] }
  /** Of trained networks. */
  learned?: LearnedThen
}

/** How trained networks were and did at their step. */
export interface LearnedThen {
  /** The gradient correlation between test samples, by network. */
  correlations: number[]
  train: SampleOutcomes
  test: SampleOutcomes
  /** They were trained once more; else they are those of the run's checkpoint. */
  isReplayed: boolean
  /**
   * Whether networks that were trained once more have the training losses that the run found at that step, to the last
   * bit; null: it was not evaluated then, or they are the checkpoint's.
   */
  agrees: boolean | null
}

export interface ShatterResult {
  finished: boolean
  /** The line's points. */
  x: number[]
  references: { white: Band; brown: Band }
  series: ShatterSeries[]
}
