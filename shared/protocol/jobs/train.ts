import * as v from 'valibot'
import { checkTrainingBatch, parseExperiment, trainingExperiment } from '../../experiment/experiment'
import type { FirstNonFinite, SampleOutcomes, Shattering, TrainedSeries } from '../../network/results'
import type { PointSummary, Summary } from '../../numerics/statistics'
import type { XlaChoice } from '../../runs/computed'
import type { CheckpointEvent, ProgressEvent, StartedEvent } from '../events'
import { count, document, jobWire } from './job'

/**
 * One picture of all series after `step` updates (0: initialisation). Summaries over replicas, arrays over
 * k = 0..L (blocks 1..L for weights).
 */
export interface TrainFrame {
  type: 'frame'
  step: number
  /** The rate of the update that comes next; after the last, that of the last. */
  learningRate: number
  series: {
    q: Summary
    v: Summary
    m: Summary
    p: Summary
    weightGradientNorm2: Summary
    /**
     * ‖Δw‖/‖w‖ of the update that comes next, both Euclidean norms over the weights of all linear layers of a block.
     */
    updateRatio: Summary
    /** Cross-entropy in nats (with label smoothing) and share of correct answers on the step's batch, over replicas. */
    loss: PointSummary
    accuracy: PointSummary
  }[]
}

/** All series after `step` updates, on all training and all test samples, network by network. */
export interface EvaluatedEvent {
  type: 'evaluated'
  step: number
  learningRate: number
  /** `shattering` where it was measured. */
  series: { train: SampleOutcomes; test: SampleOutcomes; shattering?: Shattering }[]
}

export type TrainEvent =
  | StartedEvent
  | ProgressEvent
  | TrainFrame
  | EvaluatedEvent
  | CheckpointEvent
  | ({ type: 'non-finite'; step: number } & FirstNonFinite)

export interface TrainResult {
  /** False where it was stopped; what it had learned by then is evaluated all the same. */
  finished: boolean
  /** Updates made. */
  steps: number
  series: TrainedSeries[]
  /** At most 200, each at an evaluation, the last at the last one; which ones depends on no clock. */
  frames: TrainFrame[]
  /** Whether XLA compiled the steps; absent where it was not tried. */
  xla?: XlaChoice
}

/** Draws the networks and trains them. */
export const train = jobWire<TrainEvent, TrainResult>()({
  fields: {
    experiment: document,
    /** The reply holds the first replica's trained parameters. */
    weights: v.optional(v.boolean()),
    /** Updates after which it ends, if that is before the experiment's end: as far as another was stopped. */
    until: v.optional(count),
    /** Whether XLA compiles the steps, as in the run that it repeats; left out: as is measured, where it is kept. */
    xla: v.optional(v.boolean()),
  },
  prepare(body) {
    const experiment = parseExperiment(body.experiment)
    checkTrainingBatch(experiment, 'experiment')
    return {
      experiment: trainingExperiment(experiment),
      weights: body.weights === true,
      until: body.until,
      xla: body.xla,
    }
  },
  unstarted: { steps: 0, series: [], frames: [] },
})
