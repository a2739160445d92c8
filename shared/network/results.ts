import type { PointSummary } from '../numerics/statistics'
import type { TrainedWeights } from './trained-weights'

/** Where numbers first stop being finite in a series. */
export interface FirstNonFinite {
  series: number
  quantity: 'activation' | 'mean square' | 'gradient' | 'parameter'
  block: number
  /** The operation, as `nodeLabel` calls it; for a mean square, "mean square of h". */
  operation: string
  /**
   * The mean square one block before (nearer to where the signal came from); for a parameter, the loss before the
   * update.
   */
  before: number
  replicas: number
}

/** Where numbers first stopped being finite in training. */
export interface Failure extends FirstNonFinite {
  /** Updates before it. */
  step: number
}

/** Cross-entropy in nats and share of wrong answers, over replicas. */
export interface Outcome {
  loss: PointSummary
  error: PointSummary
}

/** The networks of a series after training. */
export interface TrainedSeries {
  block: string
  remedy: string
  /**
   * On MNIST-1D's 4,000 training and 1,000 test samples, in evaluation: noise (dropout, stochastic depth) is its mean,
   * and batch norm uses the statistics of the evaluated samples, a thousand at a time; these networks keep no running
   * ones. Null where training was stopped.
   */
  train: Outcome | null
  test: Outcome | null
  /** Where numbers first stopped being finite; null: they did not. */
  failure: Failure | null
  /** What this series' steps took. */
  seconds: number
  /** The first replica's, where they were asked for. */
  weights?: TrainedWeights
}
