import type { ProgressEvent } from '../../shared/protocol/events'
import { NOT_KEPT, type Keeping } from './keeping'
import { ScreenRate } from './screen-rate'
import { Task } from './task.svelte'

/** What a run is while it is not at rest has a word of its own: "measuring", "training". */
export type SteppedStatus<Active extends string> = 'idle' | Active | 'paused' | 'interrupted' | 'failed'

/**
 * A run of the trainer that can be paused, gone on with and taken step by step: what a measurement of the signal and a
 * training have in common. Events change what is found at once; what is shown changes at the rate of the screen.
 */
export abstract class SteppedRun<Active extends string> {
  protected readonly task = new Task()
  protected readonly screen = new ScreenRate(() => {
    if (this.#newest) this.#progress = this.#newest
    this.#newest = null
    this.shows()
  })
  #progress = $state.raw<ProgressEvent | null>(null)
  #newest: ProgressEvent | null = null
  protected isFinished = $state(false)
  protected took = $state<number | null>(null)
  protected kept = $state.raw<Keeping>(NOT_KEPT)

  constructor(private readonly active: Active) {}

  /** Brings what is shown up to what is found. */
  protected abstract shows(): void

  get status(): SteppedStatus<Active> {
    const { status, isPaused } = this.task
    return status !== 'running' ? status : isPaused ? 'paused' : this.active
  }
  get isRunning(): boolean {
    return this.task.isRunning
  }
  get error(): Error | null {
    return this.task.error
  }
  get progress(): ProgressEvent | null {
    return this.#progress
  }
  /** Whether all of what was asked was done; false where it was stopped. */
  get finished(): boolean {
    return this.isFinished
  }
  get seconds(): number | null {
    return this.took
  }
  /** The run of the library that what is shown has become. */
  get keeping(): Keeping {
    return this.kept
  }

  /** A new one begins, or the last has ended: it is nowhere. */
  protected forgetProgress(): void {
    this.#progress = null
    this.#newest = null
  }

  protected progressed(event: ProgressEvent): void {
    this.#newest = event
  }

  /** What it ended in is known; what is shown stays. */
  dismissError(): void {
    this.task.dismissError()
  }

  pause(): void {
    if (this.status === this.active) this.control('pause')
  }

  goOn(): void {
    if (this.status === 'paused') this.control('resume')
  }

  /** One step of what runs, then paused. */
  step1(): void {
    this.control('step')
  }

  /** Ends it; what was found is kept. */
  stop(): void {
    this.task.stop()
  }

  protected control(action: 'pause' | 'resume' | 'step'): void {
    this.task.control(action)
  }
}
