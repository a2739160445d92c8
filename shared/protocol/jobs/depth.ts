import * as v from 'valibot'
import { depthPlan, type DepthNetwork } from '../../depth/cells'
import type { DepthCell, DepthResult } from '../../depth/results'
import { checkTrainingSamples, parseExperiment } from '../../experiment/experiment'
import type { SampleOutcomes, Shattering } from '../../network/results'
import type { Experiment } from '../../settings/experiment'
import type { CheckpointEvent, DeviceStatus, ProgressEvent } from '../events'
import { count, document, jobWire } from './job'

/** Where a comparison ends before its end: as far as another was stopped. */
export interface DepthEnd {
  /** So many of the plan are finished. */
  cells: number
  /** Updates of the one that comes next; 0: it is not begun. */
  steps: number
}

export type DepthEvent =
  | {
      type: 'depth-started'
      device: DeviceStatus
      experiment: Experiment
      series: DepthNetwork[]
      /** All that is to be trained, in order. */
      cells: { series: number; depth: number }[]
    }
  | ProgressEvent
  /** The cell under way after so many updates, network by network. */
  | {
      type: 'cell-evaluated'
      series: number
      depth: number
      step: number
      learningRate: number
      train: SampleOutcomes
      test: SampleOutcomes
      shattering?: Shattering
    }
  | { type: 'cell'; cell: DepthCell }
  | CheckpointEvent

/** Trains networks of several depths, residual and plain, one after the other. */
export const depth = jobWire<DepthEvent, DepthResult>()({
  /** The experiment's section `depth` says which depths. */
  fields: {
    experiment: document,
    until: v.optional(v.object({ cells: count, steps: count })),
  },
  prepare(body) {
    const experiment = parseExperiment(body.experiment)
    checkTrainingSamples(experiment, 'experiment')
    return { experiment, plan: depthPlan(experiment), until: body.until }
  },
  unstarted: { series: [], cells: [] },
})
