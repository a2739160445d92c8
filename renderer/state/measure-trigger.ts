import { SECTIONS, SETTINGS, trainingExperiment, type Experiment } from '../../shared/experiment/experiment'

const measuredSections = SECTIONS.filter(({ isMeasured }) => isMeasured)

/** Where a block's nodes are drawn changes no number. */
const textOf = (values: unknown[]) =>
  JSON.stringify(values, (key, value: unknown) => (key === 'layout' ? undefined : value))

/** The part of an experiment that a measurement depends on. */
export function measuredKey(experiment: Experiment): string {
  const measured = SETTINGS.filter(({ group }) => group !== 'training')
  return textOf([...measured, ...measuredSections].map(({ key }) => experiment[key]))
}

/** The part of an experiment that training depends on. */
export function trainedKey(experiment: Experiment): string {
  const trained = trainingExperiment(experiment)
  return textOf([...SETTINGS, ...measuredSections].map(({ key }) => trained[key]))
}

/** Whether a run of `shown` would be another one with the settings of `document`. */
export function isStale(kind: 'signal' | 'train', shown: Experiment, document: Experiment): boolean {
  const key = kind === 'train' ? trainedKey : measuredKey
  return key(shown) !== key(document)
}

/** Decides which changes of the experiment are measured unasked. */
export class MeasureTrigger {
  /** What the last run asked for, be it a measurement or training. */
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
   * The experiment has changed. `none`: nothing that a measurement depends on, what was planned stays planned; `cancel`: a planned measurement
   * has lost its reason; `plan`: these settings want to be measured.
   */
  changed(document: Experiment, mayMeasure: boolean): 'none' | 'cancel' | 'plan' {
    const key = measuredKey(document)
    if (key === this.#seen) return 'none'
    this.#seen = key
    return mayMeasure && this.#requested !== null && this.#requested !== key ? 'plan' : 'cancel'
  }
}
