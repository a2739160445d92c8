import type { Experiment } from '../../shared/experiment/experiment'
import type {
  DeviceStatus,
  FirstNonFinite,
  LabEvent,
  ProgressEvent,
  SignalEvent,
  StartedEvent,
  TrainEvent,
  TrainFrame,
} from '../../shared/protocol/protocol'
import { RequestError, type Connection } from '../base/connection'
import { FrameStore, frameLimit, numbersOf } from './frame-store'
import {
  addBackward,
  addFailure,
  addForward,
  emptyPicture,
  extentOf,
  pictureOfFrame,
  type KeptExtent,
  type SeriesPicture,
} from './picture'

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
  onDevice: (device: DeviceStatus) => void = () => {}

  #connection: Connection
  #status = $state<RunStatus>('idle')
  #requestedKind = $state<JobKind>('signal')
  /** Of what is shown: a run that has not started yet, or never did, shows nothing. */
  #kind = $state<JobKind>('signal')
  #error = $state.raw<RequestError | Error | null>(null)
  #started = $state.raw<StartedEvent | null>(null)
  #progress = $state.raw<ProgressEvent | null>(null)
  #failures = $state.raw<readonly Failure[]>([])
  #finished = $state(false)
  #seconds = $state<number | null>(null)
  /** Counts changes of #series and #frames, which are too big to be watched themselves. */
  #version = $state(0)
  /** Index of the frame the user has chosen; null follows the newest. */
  #chosenFrame = $state<number | null>(null)

  #series: SeriesPicture[] = []
  /** Series that have changed since the last screen frame. */
  #touched: boolean[] = []
  /** Copies of #series for the views: a series that has not changed keeps its copy, and what was computed from it. */
  #shown: readonly SeriesPicture[] = []
  #nextFlush = 0
  #frames: FrameStore<TrainFrame> | null = null
  #kept = $state.raw<readonly KeptExtent[]>([])

  #job: { id: string; settled: Promise<void> } | null = null
  #generation = 0
  #pendingProgress: ProgressEvent | null = null
  #frameRequest: number | null = null

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get status(): RunStatus {
    return this.#status
  }
  get isRunning(): boolean {
    return this.#status === 'measuring' || this.#status === 'training' || this.#status === 'paused'
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
    return this.#error
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

  /** What the charts show: of a training run the chosen or newest frame. New objects at every change, so that views notice. */
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
    if (!this.#error) return
    this.#error = null
    this.#status = 'idle'
  }

  measure(experiment: Experiment, firstStepOnly = false): Promise<void> {
    return this.#run('signal', experiment, firstStepOnly)
  }

  train(experiment: Experiment, firstStepOnly = false): Promise<void> {
    return this.#run('train', experiment, firstStepOnly)
  }

  pause(): void {
    if (this.#status !== 'measuring' && this.#status !== 'training') return
    this.#status = 'paused'
    this.#control('pause')
  }

  resume(): void {
    if (this.#status !== 'paused') return
    this.#status = this.#requestedKind === 'train' ? 'training' : 'measuring'
    this.#control('resume')
  }

  /** One block or one training step of the running job, then paused. */
  step1(): void {
    if (!this.isRunning) return
    this.#status = 'paused'
    this.#control('step')
  }

  stop(): void {
    if (this.isRunning) this.#control('stop')
  }

  #control(action: 'pause' | 'resume' | 'step' | 'stop') {
    if (!this.#job) return
    // A job that has just ended is no longer there to be controlled; its own reply says how it ended.
    this.#connection.request({ type: 'control', job: this.#job.id, action }).catch(() => {})
  }

  /** A newer run supersedes the older: that one is stopped, and what it still sends is not for us. */
  async #run(kind: JobKind, experiment: Experiment, firstStepOnly: boolean): Promise<void> {
    const generation = ++this.#generation
    this.#status = kind === 'train' ? 'training' : 'measuring'
    this.#requestedKind = kind
    this.#error = null
    this.#progress = null
    if (this.#job) {
      this.#control('stop')
      await this.#job.settled
      if (generation !== this.#generation) return
    }
    const document = structuredClone($state.snapshot(experiment)) as unknown as Record<string, unknown>
    const onEvent = (event: LabEvent) => {
      // A job sends events of its own kind only.
      if (generation === this.#generation) this.#receive(event as SignalEvent | TrainEvent, kind)
    }
    const job = this.#connection.start({ type: kind, experiment: document }, onEvent)
    const settled = job.reply.then(
      (reply) => this.#settle(generation, null, reply),
      (error: Error) => this.#settle(generation, error, null),
    )
    this.#job = { id: job.id, settled }
    if (firstStepOnly) this.step1()
    return settled
  }

  #settle(generation: number, error: Error | null, reply: { finished: boolean; seconds: number } | null) {
    this.#job = null
    if (generation !== this.#generation) return
    this.#flush()
    this.#progress = null
    this.#error = error
    if (reply) {
      this.#finished = reply.finished
      this.#seconds = reply.seconds
    }
    const isInterrupted = error instanceof RequestError && error.reason === 'interrupted'
    this.#status = !error ? 'idle' : isInterrupted ? 'interrupted' : 'failed'
    if (reply) this.#kept = [...this.#kept.slice(1 - MOST_KEPT_RUNS), extentOf(this.picture)]
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
    this.#kind = kind
    this.#finished = false
    this.#seconds = null
    this.#series = emptyPicture(event)
    this.#shown = this.#series.map((series) => ({ ...series }))
    this.#touched = []
    this.#frames = null
    this.#chosenFrame = null
    this.#failures = []
    this.onDevice(event.device)
  }

  #addFrame(frame: TrainFrame) {
    const chosen = this.#chosenFrame === null ? null : this.#frames!.frames[this.#chosenFrame].step
    this.#frames!.push(frame)
    // Thinning moves indices; the chosen step stays.
    if (chosen !== null) this.#chosenFrame = this.#frames!.indexNear(chosen)
  }

  /**
   * However fast events come, what depends on them is brought up to date at most once a screen frame. Where that costs more than a frame
   * (thousands of blocks), twice its cost is left free for the user's own actions.
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
