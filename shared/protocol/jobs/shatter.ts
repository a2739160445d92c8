import { parseExperiment } from '../../experiment/experiment'
import type { Experiment } from '../../settings/experiment'
import { parseShatter, type ShatterSettings } from '../../settings/shatter'
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

/** Draws networks of one input and measures dy/dx along a line. */
export const shatter = jobWire<ShatterEvent, ShatterResult>()({
  fields: {
    experiment: document,
    /** As `parseShatter` takes them. */
    settings: document,
  },
  prepare: ({ experiment, settings }) => ({
    experiment: parseExperiment(experiment),
    settings: parseShatter(settings),
  }),
  unstarted: { x: [], references: { white: NONE, brown: NONE }, series: [] },
})
