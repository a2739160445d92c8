import * as v from 'valibot'
import { parseExperiment } from '../../experiment/experiment'
import type { Experiment } from '../../settings/experiment'
import { parseShatter, type ShatterSettings } from '../../settings/shatter'
import { LAST_STEP, parseLookedSteps } from '../../shatter/steps'
import { parseSampleLine } from '../../shatter/trained'
import type { ShatterNetwork, ShatterResult, ShatterSeries } from '../../shatter/results'
import type { DeviceStatus, ProgressEvent } from '../events'
import { document, jobWire } from './job'

export type ShatterEvent =
  | {
      type: 'shatter-started'
      device: DeviceStatus
      experiment: Experiment
      settings: ShatterSettings
      series: ShatterNetwork[]
      x: number[]
      references: ShatterResult['references']
    }
  | ProgressEvent
  | { type: 'shattered'; series: number; result: ShatterSeries }

const NONE = { mean: [], low: [], high: [] }

/** Draws networks of one input and measures dy/dx along a line, or a logit of trained ones between two samples. */
export const shatter = jobWire<ShatterEvent, ShatterResult>()({
  fields: {
    experiment: document,
    /** As `parseShatter` takes them. */
    settings: document,
    /** Two test samples: trained networks are measured between them; absent: networks of one input are drawn. */
    line: v.optional(document),
    /** As `parseLookedSteps` takes them: after how many updates trained networks are looked at; left out: the last. */
    steps: v.optional(v.array(v.unknown())),
  },
  prepare({ line, steps, ...body }) {
    const experiment = parseExperiment(body.experiment)
    const settings = parseShatter(body.settings)
    const looked = parseLookedSteps(steps ?? [...LAST_STEP])
    return {
      ...{ experiment, settings, steps: looked },
      line: line ? parseSampleLine(line, experiment, settings) : null,
    }
  },
  unstarted: { x: [], references: { white: NONE, brown: NONE }, series: [] },
})
