import type { Evaluations, Failure } from '../network/results'
import type { PointSummary, Summary } from '../numerics/statistics'
import type { DepthNetwork } from './cells'

/** One network at one depth after its training: what every picture of depth is made of. */
export interface DepthCell {
  /** Which of the curves. */
  series: number
  /** Blocks. */
  depth: number
  /** Layers with weights on the longest way, stem and classifier included. */
  layers: number
  /** Learned numbers of one network. */
  parameters: number
  /** The learning curve: loss and error of every network on the evaluated training and test samples. */
  evaluations: Evaluations
  /**
   * E[g²] at the first block's input for an independent standard normal gradient at the top, where it is 1; at
   * initialisation, over the networks.
   */
  p0: PointSummary
  /** Where numbers first stopped being finite; null: they did not. */
  failure: Failure | null
  /** Of the training, evaluations included. */
  seconds: number
}

/** A cell that was stopped on its way: its curve until there, which no figure over depth counts. */
export interface UnfinishedCell extends DepthCell {
  /** Updates by then. */
  steps: number
}

/** Cross-entropy in nats and share of wrong answers in 0..1, over networks, arrays over depths. */
export interface Outcomes {
  loss: Summary
  error: Summary
}

/** One curve over the depths that are trained so far. */
export interface DepthCurve extends DepthNetwork {
  /** Blocks, ascending. */
  depths: number[]
  layers: number[]
  parameters: number[]
  /** Networks of each depth. */
  n: number[]
  train: Outcomes
  test: Outcomes
  /** Each network's lowest value over its evaluations, each of the four by itself. */
  best: { train: Outcomes; test: Outcomes }
  p0: Summary
  /** Before and after training, over networks; null where it was not measured, as in older runs. */
  gradientCorrelation: { initial: Summary | null; final: Summary | null }
  /** Where numbers first stopped being finite; null: they did not. */
  failures: (Failure | null)[]
  seconds: number[]
}

/** The comparison as far as it went. */
export interface DepthResult {
  finished: boolean
  /** Over the depths that were trained. */
  series: DepthCurve[]
  /** Each with its learning curves. */
  cells: DepthCell[]
  /** The cell that a stop found under way; null, or absent in older runs: none. */
  unfinished?: UnfinishedCell | null
}
