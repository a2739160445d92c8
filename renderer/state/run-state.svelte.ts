import type { Experiment } from '../../shared/settings/experiment'
import type { FirstNonFinite } from '../../shared/network/results'
import type {
  ProgressEvent,
  SignalEvent,
  StartedEvent,
  TrainEvent,
  TrainFrame,
} from '../../shared/protocol/protocol'
import type { SignalResult } from '../../shared/protocol/jobs/signal'
import type { RunDocument } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import { measurementCost, trainingCost } from './cost'
import { FrameStore, frameLimit, numbersOf } from './frame-store'
import {
  addBackward,
  addFailure,
  addForward,
  emptyPicture,
  extentOf,
  pictureOfFrame,
  pictureOfResult,
  type KeptExtent,
  type SeriesPicture,
} from './picture'
import { NOT_KEPT, keepingOf, type Keeping } from './keeping'
import { trainerJob } from './parts'
import { runQuestion } from './question'
import { Task, type ControlAction, type Expected } from './task.svelte'

export type RunStatus = 'idle' | 'measuring' | 'training' | 'paused' | 'interrupted' | 'failed'
export type JobKind = 'signal' | 'train'

export interface Failure extends FirstNonFinite {
  /** Training step; null for a measurement. */
  step: number | null
}

const MOST_KEPT_RUNS = 50
/** Milliseconds, with some allowance. */
const SCREEN_FRAME = 25

/** The job that runs or ran last, and the picture of what it found. */
export class RunState {
  readonly #task = new Task()
  #isPaused = $state(false)
  #requestedKind = $state<JobKind>('signal')
  /** Kind of the run that is shown: one that has not started yet, or never did, shows nothing. */
  #kind = $state<JobKind>('signal')
  #started = $state.raw<StartedEvent | null>(null)
  #progress = $state.raw<ProgressEvent | null>(null)
  #failures = $state.raw<readonly Failure[]>([])
  #finished = $state(false)
  #seconds = $state<number | null>(null)
  /** Counts changes of #series and #frames, which are too big to be watched themselves. */
  #version = $state(0)
  /** Index of the frame the user has chosen; null follows the newest. */
  #chosenFrame = $state<number | null>(null)
  #keeping = $state.raw<Keeping>(NOT_KEPT)

  #series: SeriesPicture[] = []
  /** Series that have changed since the last screen frame. */
  #touched: boolean[] = []
  /** Copies of #series for the views: a series that has not changed keeps its copy, and what was computed from it. */
  #shown: readonly SeriesPicture[] = []
  #nextFlush = 0
  #frames: FrameStore<TrainFrame> | null = null
  #kept = $state.raw<readonly KeptExtent[]>([])

  #pendingProgress: ProgressEvent | null = null
  #frameRequest: number | null = null

  constructor(private readonly connection: Connection) {}

  get status(): RunStatus {
    const { status } = this.#task
    if (status !== 'running') return status
    return this.#isPaused ? 'paused' : this.#requestedKind === 'train' ? 'training' : 'measuring'
  }
  get isRunning(): boolean {
    return this.#task.isRunning
  }
  /** What the picture shows. */
  get kind(): JobKind {
    return this.#kind
  }
  /** What was asked for last. */
  get requestedKind(): JobKind {
    return this.#requestedKind
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
  get failures(): readonly Failure[] {
    return this.#failures
  }
  get finished(): boolean {
    return this.#finished
  }
  get seconds(): number | null {
    return this.#seconds
  }
  get version(): number {
    return this.#version
  }
  get kept(): readonly KeptExtent[] {
    return this.#kept
  }

  /** The run that the picture belongs to. */
  get keeping(): Keeping {
    return this.#keeping
  }

  /**
   * What the charts show: of a training run the chosen or newest frame. New objects at every change, so that views
   * notice.
   */
  #picture = $derived.by<readonly SeriesPicture[]>(() => {
    void this.#version
    const frame = this.frame
    if (frame && this.#started) return pictureOfFrame(frame, this.#started.series)
    return this.#shown
  })
  get picture(): readonly SeriesPicture[] {
    return this.#picture
  }
  get frames(): readonly TrainFrame[] {
    void this.#version
    return this.#frames?.frames ?? []
  }
  get frameIndex(): number {
    return this.#chosenFrame ?? this.frames.length - 1
  }
  get frame(): TrainFrame | null {
    return this.frames[this.frameIndex] ?? null
  }
  /** Training step of what is shown; 0 is initialisation. */
  get step(): number {
    return this.frame?.step ?? 0
  }

  showFrame(index: number): void {
    this.#chosenFrame = index >= this.frames.length - 1 ? null : index
  }

  /** What the last run ended in is known; what is shown stays. */
  dismissError(): void {
    this.#task.dismissError()
  }

  measure(experiment: Experiment, firstStepOnly = false): Promise<void> {
    return this.#run('signal', experiment, firstStepOnly)
  }

  train(experiment: Experiment, firstStepOnly = false): Promise<void> {
    return this.#run('train', experiment, firstStepOnly)
  }

  /** A measurement of the library, as it was found. */
  show({ entry, started, result }: RunDocument): void {
    this.#task.cancel()
    this.#start(started as StartedEvent, 'signal')
    const { series, finished } = result as SignalResult
    this.#series = series.map(pictureOfResult)
    this.#shown = this.#series.map((one) => ({ ...one }))
    this.#finished = finished
    this.#seconds = entry.seconds
    this.#keeping = { run: entry.id, problem: null }
    this.#kept = [...this.#kept.slice(1 - MOST_KEPT_RUNS), extentOf(this.#series)]
    this.#version++
  }

  pause(): void {
    if (this.status === 'measuring' || this.status === 'training') this.#control('pause', true)
  }

  resume(): void {
    if (this.status === 'paused') this.#control('resume', false)
  }

  /** One block or one training step of the running job, then paused. */
  step1(): void {
    if (this.isRunning) this.#control('step', true)
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

  /** Seconds that what was asked for last takes with this experiment; null where none such was finished yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.#task.secondsFor(expectedOf(this.#requestedKind, experiment))
  }

  #control(action: ControlAction, isPaused: boolean) {
    this.#isPaused = isPaused
    this.#task.control(action)
  }

  /** A newer run supersedes the older: that one is stopped, and what it still sends is not for us. */
  #run(kind: JobKind, experiment: Experiment, firstStepOnly: boolean): Promise<void> {
    this.#requestedKind = kind
    this.#isPaused = false
    this.#progress = null
    const document = experiment as unknown as Record<string, unknown>
    return this.#task.start(
      runQuestion(kind, experiment),
      async (run) => {
        const job = trainerJob(
          run,
          this.connection,
          { type: kind, experiment: document },
          {
            // A job sends events of its own kind only.
            onEvent: (event) => this.#receive(event as SignalEvent | TrainEvent, kind),
            onProgress: (progress) => this.#receive(progress, kind),
          },
        )
        if (firstStepOnly) this.step1()
        const reply = await job.finally(() => {
          if (!run.isDropped) this.#flush()
          this.#progress = null
        })
        this.#keeping = keepingOf(reply)
        this.#finished = reply.finished
        this.#seconds = reply.seconds
        this.#kept = [...this.#kept.slice(1 - MOST_KEPT_RUNS), extentOf(this.picture)]
        return reply
      },
      expectedOf(kind, experiment),
    )
  }

  #receive(event: SignalEvent | TrainEvent, kind: JobKind) {
    switch (event.type) {
      case 'started':
        this.#start(event, kind)
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
      case 'frame':
        this.#frames ??= new FrameStore(frameLimit(numbersOf(event)))
        this.#addFrame(event)
        break
      case 'evaluated':
      case 'checkpoint':
        // Signal's curves are those of the frames, and nothing is kept of them.
        break
      case 'non-finite':
        this.#failures = addFailure(this.#failures, { ...event, step: 'step' in event ? event.step : null })
        break
      default:
        throw new Error(`Unknown event ${JSON.stringify(event satisfies never)}`)
    }
    this.#changed()
  }

  #start(event: StartedEvent, kind: JobKind) {
    this.#started = event
    this.#keeping = NOT_KEPT
    this.#kind = kind
    this.#finished = false
    this.#seconds = null
    this.#series = emptyPicture(event)
    this.#shown = this.#series.map((series) => ({ ...series }))
    this.#touched = []
    this.#frames = null
    this.#chosenFrame = null
    this.#failures = []
  }

  #addFrame(frame: TrainFrame) {
    const chosen = this.#chosenFrame === null ? null : this.#frames!.frames[this.#chosenFrame].step
    this.#frames!.push(frame)
    // Thinning moves indices; the chosen step stays.
    if (chosen !== null) this.#chosenFrame = this.#frames!.indexNear(chosen)
  }

  /**
   * However fast events come, what depends on them is brought up to date at most once a screen frame. Where that costs
   * more than a frame (thousands of blocks), twice its cost is left free for the user's own actions.
   */
  #changed() {
    this.#frameRequest ??= requestAnimationFrame((now) => {
      this.#frameRequest = null
      if (now < this.#nextFlush) return this.#changed()
      this.#flush()
      requestAnimationFrame(() => {
        const cost = performance.now() - now
        this.#nextFlush = cost > SCREEN_FRAME ? now + 3 * cost : 0
      })
    })
  }

  #flush() {
    if (this.#frameRequest !== null) cancelAnimationFrame(this.#frameRequest)
    this.#frameRequest = null
    if (this.#pendingProgress) this.#progress = this.#pendingProgress
    this.#pendingProgress = null
    if (this.#touched.length) {
      this.#shown = this.#shown.map((series, i) => (this.#touched[i] ? { ...this.#series[i] } : series))
      this.#touched = []
    }
    this.#version++
  }
}

const expectedOf = (kind: JobKind, experiment: Experiment): Expected => ({
  kind,
  cost: kind === 'signal' ? measurementCost(experiment) : trainingCost(experiment),
})
