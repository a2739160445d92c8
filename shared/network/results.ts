import {
  emptySummary,
  setPoint,
  summarisePoint,
  type PointSummary,
  type Summary,
} from '../numerics/statistics'
import type { Experiment } from '../settings/experiment'
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

/** Each network's cross-entropy in nats and share of wrong answers (0..1; NaN where the loss is not finite). */
export interface SampleOutcomes {
  /** By network. */
  loss: number[]
  error: number[]
}

/** Each network's outcomes at every evaluation: [evaluation][network]. */
export interface NetworkOutcomes {
  loss: number[][]
  error: number[][]
}

/** How shattered the gradients of a series' networks are (Balduzzi et al. 2017; docs/command-line.md, `train`). */
export interface Shattering {
  /** The gradient correlation, by network. */
  correlation: number[]
  /** Over the lags of a line between two test samples: autocorrelation of a logit's derivative, over networks. */
  acf: { mean: number[]; low: number[]; high: number[] }
}

/**
 * How the networks of a series did while they learned, on all training and all test samples: before the first update
 * (step 0), every so many steps, and after the last.
 */
export interface Evaluations {
  /** Updates before each evaluation, ascending. */
  step: number[]
  /** The rate of the update that comes next; of the last evaluation, that of the last update. */
  learningRate: number[]
  train: NetworkOutcomes
  test: NetworkOutcomes
  /** At every evaluation; null where it was not measured. Absent: nowhere. */
  shattering?: (Shattering | null)[]
}

/** The networks of a series after training. */
export interface TrainedSeries {
  block: string
  remedy: string
  /** Whether the block has its skip connection. */
  skip: Experiment['skip']
  /** How many numbers one network learns. */
  parameters: number
  /** The source of `train` and `test`; empty where nothing was evaluated. */
  evaluations: Evaluations
  /**
   * The last evaluation, on the samples of `evaluatedSamples`: noise (dropout, stochastic depth) is its
   * mean, and batch norm uses the statistics that the experiment chooses. Null where nothing was evaluated.
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

/** Before the first evaluation. */
export const noEvaluations = (): Evaluations => ({
  step: [],
  learningRate: [],
  train: { loss: [], error: [] },
  test: { loss: [], error: [] },
})

/** One evaluation of a series; `shattering` null or absent where gradients were not measured. */
export interface Evaluation {
  step: number
  learningRate: number
  train: SampleOutcomes
  test: SampleOutcomes
  shattering?: Shattering | null
}

/** Takes one evaluation into the list; one of the same step gives way to it. Absent shattering makes no list of it. */
export function addEvaluation(all: Evaluations, one: Evaluation): void {
  const known = all.step.indexOf(one.step)
  const place = known < 0 ? all.step.length : known
  all.step[place] = one.step
  all.learningRate[place] = one.learningRate
  for (const samples of ['train', 'test'] as const) {
    all[samples].loss[place] = one[samples].loss
    all[samples].error[place] = one[samples].error
  }
  if (one.shattering !== undefined) (all.shattering ??= [])[place] = one.shattering
}

/** Further evaluations do not change the copy; one that was made is never changed. */
export const copyOfEvaluations = ({
  step,
  learningRate,
  train,
  test,
  shattering,
}: Evaluations): Evaluations => ({
  step: [...step],
  learningRate: [...learningRate],
  train: { loss: [...train.loss], error: [...train.error] },
  test: { loss: [...test.loss], error: [...test.error] },
  ...(shattering ? { shattering: [...shattering] } : {}),
})

/** Over the networks, one entry for each evaluation. @param values [evaluation][network] */
export function overNetworks(values: readonly number[][]): Summary {
  const summary = emptySummary(values.length)
  values.forEach((networks, i) => setPoint(summary, i, summarisePoint(networks)))
  return summary
}

/** Over the networks. */
export const outcomeOf = ({ loss, error }: SampleOutcomes): Outcome => ({
  loss: summarisePoint(loss),
  error: summarisePoint(error),
})

/** One evaluation over the networks; counted from the end where negative. Null: there is none. */
export function outcomeAt({ loss, error }: NetworkOutcomes, evaluation: number): Outcome | null {
  const [losses, errors] = [loss.at(evaluation), error.at(evaluation)]
  return losses && errors ? outcomeOf({ loss: losses, error: errors }) : null
}
