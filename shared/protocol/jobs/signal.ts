import { parseExperiment } from '../../experiment/experiment'
import type { FirstNonFinite } from '../../network/results'
import type { BackwardPoint, ForwardPoint, SeriesResult } from '../../signal/results'
import type { Theory } from '../../theory/series'
import type { ProgressEvent, StartedEvent } from '../events'
import { document, jobWire } from './job'

export type SignalEvent =
  | StartedEvent
  | ProgressEvent
  /** What the limit expects of a series; the result has what single networks show as well. */
  | { type: 'theory'; series: number; theory: Theory }
  | { type: 'forward'; series: number; block: number; point: ForwardPoint }
  | { type: 'backward'; series: number; block: number; point: BackwardPoint }
  | ({ type: 'non-finite' } & FirstNonFinite)

export interface SignalResult {
  finished: boolean
  series: SeriesResult[]
}

/** Draws the networks and measures how signals travel through them. */
export const signal = jobWire<SignalEvent, SignalResult>()({
  fields: { experiment: document },
  prepare: ({ experiment }) => ({ experiment: parseExperiment(experiment) }),
  unstarted: { series: [] },
})
