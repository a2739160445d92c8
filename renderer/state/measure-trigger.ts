import type { Experiment } from '../../shared/settings/experiment'
import { questionKey } from './question'

const measuredKey = (experiment: Experiment) => questionKey({ experiment, dependsOn: 'measuring' })

/** Whether a measurement of `shown` would be another one with the settings of `document`. */
export const isStale = (shown: Experiment, document: Experiment): boolean =>
  measuredKey(shown) !== measuredKey(document)

/** Decides which changes of the experiment are measured unasked. */
export class MeasureTrigger {
  /** What the last measurement asked for. */
  #requested: string | null = null
  #seen: string | null = null

  /** A run of these settings begins. */
  requested(document: Experiment): void {
    this.#requested = measuredKey(document)
  }

  /** Whether the last run asked for other settings than these. */
  asksElse(document: Experiment): boolean {
    return this.#requested !== measuredKey(document)
  }

  /**
   * The experiment has changed. `none`: nothing that a measurement depends on, what was planned stays planned;
   * `cancel`: a planned measurement has lost its reason; `plan`: these settings want to be measured.
   */
  changed(document: Experiment, mayMeasure: boolean): 'none' | 'cancel' | 'plan' {
    const key = measuredKey(document)
    if (key === this.#seen) return 'none'
    this.#seen = key
    return mayMeasure && this.#requested !== null && this.#requested !== key ? 'plan' : 'cancel'
  }
}
