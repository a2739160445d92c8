import type { Experiment } from '../../shared/settings/experiment'
import type { FirstNonFinite } from '../../shared/network/results'
import type { ProgressEvent, SignalEvent, StartedEvent } from '../../shared/protocol/protocol'
import type { SignalResult } from '../../shared/protocol/jobs/signal'
import type { RunDocument } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import { measurementCost } from './cost'
import {
  addBackward,
  addFailure,
  addForward,
  emptyPicture,
  extentOf,
  pictureOfResult,
  type KeptExtent,
  type SeriesPicture,
} from './picture'
import { NOT_KEPT, keepingOf, type Keeping } from './keeping'
import { trainerJob } from './parts'
import { questionKey } from './question'
import { ScreenRate } from './screen-rate'
import { Task } from './task.svelte'

export type RunStatus = 'idle' | 'measuring' | 'paused' | 'interrupted' | 'failed'

const MOST_KEPT_RUNS = 50

/** The measurement of the signal that runs or ran last, and the picture of what it found. */
export class RunState {
  readonly #task = new Task()
  #started = $state.raw<StartedEvent | null>(null)
  #progress = $state.raw<ProgressEvent | null>(null)
  #failures = $state.raw<readonly FirstNonFinite[]>([])
  #finished = $state(false)
  #seconds = $state<number | null>(null)
  /** What the charts show: copies of #series. One that has not changed keeps its copy, and what was made from it. */
  #picture = $state.raw<readonly SeriesPicture[]>([])

  #keeping = $state.raw<Keeping>(NOT_KEPT)

  #series: SeriesPicture[] = []
  /** Series that have changed since the last screen frame. */
  #touched: boolean[] = []
  #kept = $state.raw<readonly KeptExtent[]>([])

  #pendingProgress: ProgressEvent | null = null
  readonly #screen = new ScreenRate(() => this.#show())

  constructor(private readonly connection: Connection) {}

  get status(): RunStatus {
    const { status, isPaused } = this.#task
    return status !== 'running' ? status : isPaused ? 'paused' : 'measuring'
  }
  get isRunning(): boolean {
    return this.#task.isRunning
  }
  get error(): Error | null {
    return this.#task.error
  }
  /** The experiment that the picture shows. */
  get started(): StartedEvent | null {
    return this.#started
  }
  get progress(): ProgressEvent | null {
    return this.#progress
  }
  get failures(): readonly FirstNonFinite[] {
    return this.#failures
  }
  get finished(): boolean {
    return this.#finished
  }
  get seconds(): number | null {
    return this.#seconds
  }
  get kept(): readonly KeptExtent[] {
    return this.#kept
  }
  /** The run that the picture belongs to. */
  get keeping(): Keeping {
    return this.#keeping
  }
  get picture(): readonly SeriesPicture[] {
    return this.#picture
  }

  /** What the last run ended in is known; what is shown stays. */
  dismissError(): void {
    this.#task.dismissError()
  }

  /** A measurement of the library, as it was found. */
  show({ entry, started, result }: RunDocument): void {
    this.#task.cancel()
    this.#start(started as StartedEvent)
    const { series, finished } = result as SignalResult
    this.#series = series.map(pictureOfResult)
    this.#picture = this.#series.map((one) => ({ ...one }))
    this.#finished = finished
    this.#seconds = entry.seconds
    this.#keeping = { run: entry.id, problem: null }
    this.#kept = [...this.#kept.slice(1 - MOST_KEPT_RUNS), extentOf(this.#series)]
  }

  pause(): void {
    if (this.status === 'measuring') this.#task.control('pause')
  }

  resume(): void {
    if (this.status === 'paused') this.#task.control('resume')
  }

  /** One block of the running measurement, then paused. */
  step1(): void {
    this.#task.control('step')
  }

  /** As the bars of other views follow it, whose Measure begins this run. */
  get asTask() {
    const { status, isRunning, started, seconds } = this
    const isOver = status === 'failed' || status === 'interrupted'
    return {
      status: isRunning ? 'running' : isOver ? status : 'idle',
      isRunning,
      progress: this.progress,
      error: this.error,
      outcome: started && !isRunning && seconds !== null ? { finished: this.finished, seconds } : null,
      stop: () => this.stop(),
    } as const
  }

  stop(): void {
    this.#task.stop()
  }

  /** Seconds that measuring this experiment takes; null where none was finished yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.#task.secondsFor(measurementCost(experiment))
  }

  /** A newer run supersedes the older: that one is stopped, and what it still sends is not for us. */
  measure(experiment: Experiment, firstStepOnly = false): Promise<void> {
    this.#progress = null
    const document = experiment as unknown as Record<string, unknown>
    return this.#task.start(
      questionKey({ experiment, dependsOn: 'measuring' }),
      async (run) => {
        const job = trainerJob(
          run,
          this.connection,
          { type: 'signal', experiment: document },
          {
            // A job sends events of its own kind only.
            onEvent: (event) => this.#receive(event as SignalEvent),
            onProgress: (progress) => this.#receive(progress),
          },
        )
        if (firstStepOnly) this.step1()
        const reply = await job.finally(() => {
          if (!run.isDropped) this.#screen.flush()
          this.#progress = null
        })
        this.#keeping = keepingOf(reply)
        this.#finished = reply.finished
        this.#seconds = reply.seconds
        this.#kept = [...this.#kept.slice(1 - MOST_KEPT_RUNS), extentOf(this.picture)]
        return reply
      },
      measurementCost(experiment),
    )
  }

  #receive(event: SignalEvent) {
    switch (event.type) {
      case 'started':
        this.#start(event)
        break
      case 'progress':
        this.#pendingProgress = event
        break
      case 'forward':
        addForward(this.#series[event.series], event.block, event.point)
        this.#touched[event.series] = true
        break
      case 'backward':
        addBackward(this.#series[event.series], event.block, event.point)
        this.#touched[event.series] = true
        break
      case 'non-finite':
        this.#failures = addFailure(this.#failures, event)
        break
      default:
        throw new Error(`Unknown event ${JSON.stringify(event satisfies never)}`)
    }
    this.#screen.changed()
  }

  #start(event: StartedEvent) {
    this.#started = event
    this.#keeping = NOT_KEPT
    this.#finished = false
    this.#seconds = null
    this.#series = emptyPicture(event)
    this.#picture = this.#series.map((series) => ({ ...series }))
    this.#touched = []
    this.#failures = []
  }

  #show() {
    if (this.#pendingProgress) this.#progress = this.#pendingProgress
    this.#pendingProgress = null
    if (!this.#touched.length) return
    this.#picture = this.#picture.map((series, i) => (this.#touched[i] ? { ...this.#series[i] } : series))
    this.#touched = []
  }
}
