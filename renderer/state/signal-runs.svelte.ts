import type { Experiment } from '../../shared/settings/experiment'
import { measurementCost, runsByItself } from './cost'
import type { ExperimentState } from './experiment-state.svelte'
import { MeasureTrigger, isStale } from './measure-trigger'
import type { RunState } from './run-state.svelte'

/** Milliseconds for which settings rest before they are measured unasked. */
const MEASURE_DELAY = 250

/** When the signal is measured, by the run's buttons or unasked, and whether its picture is still true. */
export class SignalRuns {
  #timer: number | undefined
  #trigger = new MeasureTrigger()

  /** @param isWatched the signal is what is looked at, and the experiment is the user's */
  constructor(
    private readonly run: RunState,
    private readonly experiment: ExperimentState,
    private readonly isWatched: () => boolean,
  ) {}

  /** Whether the picture shows another experiment than the controls. */
  get isStale(): boolean {
    const shown = this.run.started?.experiment
    return shown !== undefined && isStale(shown, this.experiment.document)
  }

  /** Play: goes on with what is paused, otherwise draws the networks again and measures them. */
  play(): void {
    if (this.run.status === 'paused') this.run.goOn()
    else this.measure()
  }

  measure(): void {
    void this.run.measure(this.#request())
  }

  step(): void {
    if (this.run.isRunning) this.run.step1()
    else void this.run.measure(this.#request(), true)
  }

  /** The settings that a run begins with; a planned measurement would only end it. */
  #request(): Experiment {
    clearTimeout(this.#timer)
    this.#trigger.requested(this.experiment.document)
    return this.experiment.document
  }

  /** A quick experiment that has changed is measured at once. */
  experimentChanged(): void {
    const document = this.experiment.document
    // What failed were other settings.
    if (this.run.status === 'failed') this.run.dismissError()
    const isShown = this.run.started !== null && !this.run.isRunning && !this.isStale
    if (isShown) this.#trigger.requested(document)
    const plan = this.#trigger.changed(document, this.#mayMeasure)
    if (plan !== 'none') clearTimeout(this.#timer)
    if (plan === 'plan') this.#timer = window.setTimeout(() => this.measure(), MEASURE_DELAY)
  }

  /** The signal is looked at again: what was changed meanwhile is measured. */
  shown(): void {
    // A measurement under way may be of settings that have changed since.
    const isOld = this.run.isRunning
      ? this.#trigger.asksElse(this.experiment.document)
      : this.run.started === null || this.isStale
    if (this.#mayMeasure && isOld) this.measure()
  }

  /** The workbench has its experiment: it opens on a finished picture. */
  arrived(): void {
    if (this.isWatched() && !this.run.started && !this.run.isRunning) this.measure()
  }

  /** Measures what is shown now, however long that takes, unless a run is under way. */
  bringUpToDate(): void {
    if (!this.run.isRunning && this.isStale) this.measure()
  }

  /** Whether these settings are measured unasked. */
  get #mayMeasure(): boolean {
    return this.isWatched() && runsByItself(measurementCost(this.experiment.document))
  }
}
