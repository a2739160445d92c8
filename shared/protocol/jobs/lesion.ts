import * as v from 'valibot'
import { checkTrainingSamples, parseExperiment } from '../../experiment/experiment'
import { parseLesions, type Lesion } from '../../lesion/lesion'
import type { LesionResult } from '../../lesion/results'
import type { SeriesGraph } from '../../network/series'
import type { Experiment } from '../../settings/experiment'
import { LESION_STATISTICS } from '../../settings/lesion'
import type { DeviceStatus, ProgressEvent } from '../events'
import { document, jobWire } from './job'

export type LesionEvent =
  | {
      type: 'lesion-started'
      device: DeviceStatus
      experiment: Experiment
      lesions: Lesion[]
      series: SeriesGraph[]
    }
  | ProgressEvent

/** Draws the networks and changes some of their blocks. */
export const lesion = jobWire<LesionEvent, LesionResult>()({
  fields: {
    experiment: document,
    /** As `parseLesions` takes it. */
    lesion: document,
    /** Trains the networks first, as the experiment says. */
    training: v.optional(v.boolean()),
    /** Of trained networks; left out: the intact network's. */
    statistics: v.optional(v.picklist(LESION_STATISTICS)),
  },
  prepare(body) {
    const experiment = parseExperiment(body.experiment)
    const set = parseLesions(body.lesion, experiment.blocks, experiment.seed)
    const training = body.training === true
    if (training) checkTrainingSamples(experiment, 'experiment')
    return { experiment, set, training, statistics: body.statistics ?? 'intact' }
  },
  unstarted: { lesions: [], each: 0, series: [] },
})
