import type { Experiment } from '../../shared/settings/experiment'
import type { FirstNonFinite } from '../../shared/network/results'
import type { SignalEvent, StartedEvent } from '../../shared/protocol/protocol'
import type { SignalResult } from '../../shared/protocol/jobs/signal'
import type { Theory } from '../../shared/theory/series'
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
import { NOT_KEPT, keepingOf } from './keeping'
import { trainerJob } from './parts'
import { questionKey } from './question'
import { SteppedRun } from './stepped-run.svelte'

const MOST_KEPT_RUNS = 50

/** The measurement of the signal that runs or ran last, and the picture of what it found. */
export class RunState extends SteppedRun<'measuring'> {
  #started = $state.raw<StartedEvent | null>(null)
  #failures = $state.raw<readonly FirstNonFinite[]>([])
  /** What the charts show: copies of #series. One that has not changed keeps its copy, and what was made from it. */
  #picture = $state.raw<readonly SeriesPicture[]>([])

  #series: SeriesPicture[] = []
  /** Series that have changed since the last screen frame. */
  #touched: boolean[] = []
  #extents = $state.raw<readonly KeptExtent[]>([])

  constructor(private readonly connection: Connection) {
    super('measuring')
  }

  /** The experiment that the picture shows. */
  get started(): StartedEvent | null {
    return this.#started
  }
  get failures(): readonly FirstNonFinite[] {
    return this.#failures
  }
  /** How far what was measured before reached, for axes that hold all of it. */
  get extents(): readonly KeptExtent[] {
    return this.#extents
  }
  get picture(): readonly SeriesPicture[] {
    return this.#picture
  }

  /** A measurement of the library, as it was found. */
  show({ entry, started, result }: RunDocument): void {
    this.task.cancel()
    this.#start(started as StartedEvent)
    const { series, finished } = result as SignalResult
    this.#series = series.map(pictureOfResult)
    this.#picture = this.#series.map((one) => ({ ...one }))
    this.isFinished = finished
    this.took = entry.seconds
    this.kept = { run: entry.id, problem: null }
    this.#extents = [...this.#extents.slice(1 - MOST_KEPT_RUNS), extentOf(this.#series)]
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

  /** Seconds that measuring this experiment takes; null where none was finished yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.task.secondsFor(measurementCost(experiment))
  }

  /** A newer run supersedes the older: that one is stopped, and what it still sends is not for us. */
  measure(experiment: Experiment, firstStepOnly = false): Promise<void> {
    this.forgetProgress()
    const document = experiment as unknown as Record<string, unknown>
    return this.task.start(
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
          if (!run.isDropped) this.screen.flush()
          this.forgetProgress()
        })
        this.kept = keepingOf(reply)
        this.isFinished = reply.finished
        this.took = reply.seconds
        this.#completeTheory(reply.series)
        this.#extents = [...this.#extents.slice(1 - MOST_KEPT_RUNS), extentOf(this.picture)]
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
        this.progressed(event)
        break
      case 'forward':
        addForward(this.#series[event.series], event.block, event.point)
        this.#touched[event.series] = true
        break
      case 'backward':
        addBackward(this.#series[event.series], event.block, event.point)
        this.#touched[event.series] = true
        break
      case 'theory':
        this.#series[event.series].header = { ...this.#series[event.series].header, theory: event.theory }
        this.#touched[event.series] = true
        break
      case 'non-finite':
        this.#failures = addFailure(this.#failures, event)
        break
      default:
        throw new Error(`Unknown event ${JSON.stringify(event satisfies never)}`)
    }
    this.screen.changed()
  }

  /** What theory says of single networks comes last. @param results none of a run that was stopped before it began */
  #completeTheory(results: readonly { theory: Theory }[]) {
    if (results.length !== this.#series.length) return
    const complete = (series: readonly SeriesPicture[]) =>
      series.map((one, i) => ({ ...one, header: { ...one.header, theory: results[i].theory } }))
    this.#series = complete(this.#series)
    this.#picture = complete(this.#picture)
  }

  #start(event: StartedEvent) {
    this.#started = event
    this.kept = NOT_KEPT
    this.isFinished = false
    this.took = null
    this.#series = emptyPicture(event)
    this.#picture = this.#series.map((series) => ({ ...series }))
    this.#touched = []
    this.#failures = []
  }

  protected shows(): void {
    if (!this.#touched.length) return
    this.#picture = this.#picture.map((series, i) => (this.#touched[i] ? { ...this.#series[i] } : series))
    this.#touched = []
  }
}
