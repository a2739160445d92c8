import * as v from 'valibot'
import { parseExperiment, trainingExperiment } from '../../experiment/experiment'
import type { FirstNonFinite, TrainedSeries } from '../../network/results'
import type { PointSummary, Summary } from '../../numerics/statistics'
import type { ProgressEvent, StartedEvent } from '../events'
import { document, jobWire } from './job'

/**
 * One picture of all series after `step` updates (0: initialisation). Summaries over replicas, arrays over
 * k = 0..L (blocks 1..L for weights).
 */
export interface TrainFrame {
  type: 'frame'
  step: number
  series: {
    q: Summary
    v: Summary
    m: Summary
    p: Summary
    weightGradientNorm2: Summary
    /** Cross-entropy in nats and share of correct answers on the step's batch, over replicas. */
    loss: PointSummary
    accuracy: PointSummary
  }[]
}

export type TrainEvent =
  StartedEvent | ProgressEvent | TrainFrame | ({ type: 'non-finite'; step: number } & FirstNonFinite)

export interface TrainResult {
  finished: boolean
  steps: number
  series: TrainedSeries[]
}

/** Draws the networks and trains them. */
export const train = jobWire<TrainEvent, TrainResult>()({
  fields: {
    experiment: document,
    /** The reply holds the first replica's trained parameters. */
    weights: v.optional(v.boolean()),
  },
  prepare: ({ experiment, weights }) => ({
    experiment: trainingExperiment(parseExperiment(experiment)),
    weights: weights === true,
  }),
  unstarted: { steps: 0, series: [] },
})
