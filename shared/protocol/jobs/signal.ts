import { parseExperiment } from '../../experiment/experiment'
import type { FirstNonFinite } from '../../network/results'
import type { BackwardPoint, ForwardPoint, SeriesResult } from '../../signal/results'
import type { ProgressEvent, StartedEvent } from '../events'
import { document, jobWire } from './job'

export type SignalEvent =
  | StartedEvent
  | ProgressEvent
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
