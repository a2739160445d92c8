import {
  addEvaluation,
  copyOfEvaluations,
  noEvaluations,
  type Evaluations,
  type Failure,
  type TrainedSeries,
} from '../../shared/network/results'
import type { Replies, StartedEvent, TrainEvent, TrainFrame } from '../../shared/protocol/protocol'
import type { TrainResult } from '../../shared/protocol/jobs/train'
import type { RunDocument } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { CheckpointEvent } from '../../shared/protocol/events'
import type { Connection } from '../base/connection'
import { trainingCost } from './cost'
import { FrameStore, frameLimit, joined, numbersOf } from './frame-store'
import { NOT_KEPT, keepingOf } from './keeping'
import { trainerJob } from './parts'
import { addFailure, pictureOfFrame, type SeriesPicture } from './picture'
import { questionKey } from './question'
import { RecentSpeed } from './recent-speed'
import { SteppedRun } from './stepped-run.svelte'

const questionOf = (experiment: Experiment): string => questionKey({ experiment, dependsOn: 'training' })

/** The training that runs or ran last: how its networks did at every evaluation, and its frames. */
export class TrainRun extends SteppedRun<'training'> {
  #started = $state.raw<StartedEvent | null>(null)
  #failures = $state.raw<readonly Failure[]>([])
  /** By series; new objects at every change. */
  #evaluations = $state.raw<readonly Evaluations[]>([])
  #frames = $state.raw<readonly TrainFrame[]>([])
  /** Of each series, once it has ended. */
  #trained = $state.raw<readonly TrainedSeries[]>([])
  #steps = $state(0)
  #checkpoint = $state.raw<CheckpointEvent | null>(null)
  /** Step that the user has chosen to look at; null follows the newest. */
  #chosenStep = $state<number | null>(null)
  #rate = $state.raw<number | null>(null)

  #store: FrameStore<TrainFrame> | null = null
  #found: Evaluations[] = []
  #isTouched = { frames: false, evaluations: false }
  readonly #speed = new RecentSpeed()

  constructor(private readonly connection: Connection) {
    super('training')
  }

  /** What is shown: the experiment as it was trained, and its series. Null before anything was. */
  get started(): StartedEvent | null {
    return this.#started
  }
  get failures(): readonly Failure[] {
    return this.#failures
  }
  /** Of each series, see `Evaluations`. */
  get evaluations(): readonly Evaluations[] {
    return this.#evaluations
  }
  get trained(): readonly TrainedSeries[] {
    return this.#trained
  }
  /** Updates made, of what is shown. */
  get steps(): number {
    return this.#steps
  }
  /** The last checkpoint that was written, or could not be; null before the first. */
  get checkpoint(): CheckpointEvent | null {
    return this.#checkpoint
  }
  /** Updates per second of late, and how long what is left takes at that; null while it is not known. */
  get speed(): { rate: number; secondsLeft: number } | null {
    const [rate, progress] = [this.#rate, this.progress]
    return rate && progress?.unit === 'steps'
      ? { rate, secondsLeft: (progress.total - progress.done) / rate }
      : null
  }

  // ---- What is looked at --------------------------------------------------------------------------------

  get frames(): readonly TrainFrame[] {
    return this.#frames
  }
  #frame = $derived.by<TrainFrame | null>(() => {
    const frames = this.#frames
    if (this.#chosenStep === null || !frames.length) return frames.at(-1) ?? null
    return frames[nearest(frames, this.#chosenStep)]
  })
  /** The frame that is chosen, or the newest. */
  get frame(): TrainFrame | null {
    return this.#frame
  }
  /** Whether the newest is looked at, whatever comes. */
  get isFollowing(): boolean {
    return this.#chosenStep === null
  }
  /** Training step of what is shown; 0 is initialisation. */
  get step(): number {
    return this.#frame?.step ?? 0
  }
  #picture = $derived.by<readonly SeriesPicture[]>(() =>
    this.#frame && this.#started ? pictureOfFrame(this.#frame, this.#started.series) : [],
  )
  /** The signal at that step. */
  get picture(): readonly SeriesPicture[] {
    return this.#picture
  }
  /** Index of the last evaluation up to that step, or of the last of all where the newest is followed; -1: none. */
  readonly evaluation = $derived.by<number>(() => {
    const steps = this.#evaluations[0]?.step ?? []
    return (this.#chosenStep === null ? steps : steps.filter((step) => step <= this.step)).length - 1
  })

  /** Looks at the frame nearest to a step. @param step null: follows the newest */
  look(step: number | null): void {
    const last = this.#frames.at(-1)?.step ?? 0
    this.#chosenStep = step === null || step >= last ? null : Math.max(0, step)
  }

  // ---- What is done -------------------------------------------------------------------------------------

  /** Whether what is shown answers other settings than these. */
  isStale(experiment: Experiment): boolean {
    return this.#started !== null && questionOf(this.#started.experiment) !== questionOf(experiment)
  }

  /** Seconds that training takes; null where none was finished yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.task.secondsFor(trainingCost(experiment))
  }

  protected override control(action: 'pause' | 'resume' | 'step'): void {
    this.#speed.forget()
    super.control(action)
  }

  /**
   * Trains the networks; a newer training supersedes the older.
   * @param resume id of the run that is gone on with, which was interrupted
   */
  start(
    experiment: Experiment,
    { resume, isStepped = false }: { resume?: string; isStepped?: boolean } = {},
  ): Promise<void> {
    this.forgetProgress()
    this.#speed.begin()
    this.#rate = null
    const document = experiment as unknown as Record<string, unknown>
    return this.task.start(
      questionOf(experiment),
      async (run) => {
        const body = { type: 'train' as const, experiment: document, ...(resume && { resume }) }
        const job = trainerJob(run, this.connection, body, {
          // A job sends events of its own kind only.
          onEvent: (event) => this.#receive(event as TrainEvent),
          onProgress: (progress) => this.#receive(progress),
        })
        if (isStepped) this.step1()
        const reply = await job.finally(() => {
          if (!run.isDropped) this.screen.flush()
          this.forgetProgress()
        })
        if (reply.series.length) this.#end(reply)
        return reply
      },
      trainingCost(experiment),
    )
  }

  /** A run of the library as if it had just ended. */
  show({ entry, experiment, started, result }: RunDocument): void {
    this.task.finished(questionOf(experiment), entry)
    // Of one that was interrupted nothing but its checkpoint is kept: its picture comes when it is gone on with.
    if (!started && entry.state !== 'finished') return
    // What was trained elsewhere has no picture at all.
    this.#begin(started as StartedEvent | null)
    if (!started) this.kept = { run: entry.id, problem: null }
    if (result) this.#end({ ...(result as TrainResult), seconds: entry.seconds, run: entry })
  }

  #receive(event: TrainEvent) {
    switch (event.type) {
      case 'started':
        this.#begin(event)
        break
      case 'progress':
        this.progressed(event)
        // What comes before the steps, or between them, has a pace of its own.
        if (event.unit === 'steps') this.#speed.add(event.done, performance.now())
        break
      case 'frame':
        this.#store ??= new FrameStore(frameLimit(numbersOf(event)))
        this.#store.push(event)
        this.#isTouched.frames = true
        break
      case 'evaluated':
        // A training that is gone on with repeats what it had.
        this.#found.forEach((evaluations, i) => {
          const { step, learningRate, series } = event
          addEvaluation(evaluations, { step, learningRate, ...series[i] })
        })
        this.#isTouched.evaluations = true
        break
      case 'non-finite':
        this.#failures = addFailure(this.#failures, event)
        break
      case 'checkpoint':
        this.#checkpoint = event
        break
      default:
        throw new Error(`Unknown event ${JSON.stringify(event satisfies never)}`)
    }
    this.screen.changed()
  }

  #begin(event: StartedEvent | null) {
    this.#started = event
    this.isFinished = false
    this.took = null
    this.#steps = 0
    this.#trained = []
    this.kept = NOT_KEPT
    this.#checkpoint = null
    this.#store = null
    this.#frames = []
    this.#found = (event?.series ?? []).map(noEvaluations)
    this.#evaluations = this.#found
    this.#isTouched = { frames: false, evaluations: false }
    this.#chosenStep = null
    this.#failures = []
  }

  /** What has come of it is the one truth, whatever events said on the way. */
  #end({ finished, steps, seconds, series, frames, ...kept }: Replies['train']) {
    this.isFinished = finished
    this.#steps = steps
    this.took = seconds
    this.kept = keepingOf(kept)
    this.#trained = series
    this.#evaluations = series.map(({ evaluations }) => evaluations)
    // Frames that came on the way are more; a training that was gone on with has sent the later ones only.
    this.#frames = joined(frames, this.#frames)
    this.#failures = series.reduce<readonly Failure[]>(
      (failures, { failure }) => (failure ? addFailure(failures, failure) : failures),
      this.#failures,
    )
  }

  protected shows(): void {
    this.#rate = this.#speed.rate
    if (this.#isTouched.evaluations) this.#evaluations = this.#found.map(copyOfEvaluations)
    if (this.#isTouched.frames) {
      this.#frames = [...this.#store!.frames]
      this.#steps = this.#frames.at(-1)?.step ?? 0
    }
    this.#isTouched = { frames: false, evaluations: false }
  }
}

/** Index of the frame that is nearest to a step. */
function nearest(frames: readonly TrainFrame[], step: number): number {
  let best = 0
  frames.forEach((frame, i) => {
    if (Math.abs(frame.step - step) < Math.abs(frames[best].step - step)) best = i
  })
  return best
}
