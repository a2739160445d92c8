import { seriesOf } from '../../shared/network/series'
import type { Experiment, SettingKey } from '../../shared/settings/experiment'
import type { DifferenceCheck } from '../../shared/shatter/float64-line'
import type { LabEvent, RequestBody, ShatterEvent } from '../../shared/protocol/protocol'
import type { RunDocument } from '../../shared/runs/run'
import type { ShatterResult, ShatterSeries } from '../../shared/shatter/results'
import { openingShatter, type ShatterSettings } from '../../shared/settings/shatter'
import type { LookedStep } from '../../shared/shatter/steps'
import type { SampleLine } from '../../shared/shatter/trained'
import { networkId } from '../../shared/shatter/findings'
import { Compute } from '../compute/compute'
import type { NetworkRequest } from '../compute/shatter'
import type { Connection } from '../base/connection'
import { lineCost, runsByItself, sampleLineCost } from './cost'
import { NOT_KEPT, keepingOf, type Keeping } from './keeping'
import { pageJob, trainerJob } from './parts'
import { questionKey } from './question'
import { RegionsRun } from './regions-run.svelte'
import { Ended, Task, type Expected, type TaskRun } from './task.svelte'

type Started = Extract<ShatterEvent, { type: 'shatter-started' }>

/** What the badge of a network says. */
export type Check =
  | { state: 'waiting' | 'running' }
  | { state: 'failed'; message: string }
  | ({ state: 'done'; slope: Float64Array } & DifferenceCheck)

/** Trained networks of a run of the library, on a line between two of its test samples. */
export interface TrainedLine {
  /** Its id. */
  run: string
  /** The run's own. */
  experiment: Experiment
  line: SampleLine
  settings: ShatterSettings
  /** After how many updates they are looked at. */
  steps: readonly LookedStep[]
}

/**
 * Networks on a line as the trainer measures them: drawn ones of one input, with a check of their derivatives in the
 * page's worker, or the trained ones of a run.
 */
export class ShatterRun {
  readonly measurement = new Task()
  readonly #checking = new Task()
  /** The other half of the view. */
  readonly regions: RegionsRun
  /** Which of the view's two halves is shown. */
  mode = $state<'gradients' | 'regions'>('gradients')
  #trained = $state.raw<TrainedLine | null>(null)
  #drawn = $state.raw<TrainedLine | null>(null)
  #started = $state.raw<Started | null>(null)
  #series = $state.raw<readonly (ShatterSeries | null)[]>([])
  /** What was shown of the same networks before, until they are measured again. */
  #before = $state.raw<readonly (ShatterSeries | null)[]>([])
  #checks = $state.raw<readonly Check[]>([])
  #keeping = $state.raw<Keeping>(NOT_KEPT)

  constructor(private readonly connection: Connection) {
    this.regions = new RegionsRun(connection)
  }

  /** The trained networks that are looked at; null: networks are drawn, as the experiment says. */
  get trained(): TrainedLine | null {
    return this.#trained
  }
  /** Those of the picture, which may be of an older line; null: it is of no trained ones. */
  get drawn(): TrainedLine | null {
    return this.#drawn
  }
  /** What was found of other networks says nothing of these: it is not drawn. */
  look(trained: TrainedLine | null): void {
    const isOther = trained?.run !== this.#trained?.run
    this.#trained = trained
    if (!isOther) return
    this.measurement.cancel()
    this.#checking.cancel()
    this.#started = this.#drawn = null
    this.#keeping = NOT_KEPT
    this.#series = this.#before = []
    this.#checks = []
  }

  /** What the picture shows: the settings, the line, all networks whether measured yet or not. */
  get started(): Started | null {
    return this.#started
  }
  /** By the place of their network in `started.series`; null until measured. */
  get series(): readonly (ShatterSeries | null)[] {
    return this.#series
  }
  /** What is drawn of a network: what is measured, or what was before on the same line. */
  shown(i: number): { series: ShatterSeries; isOld: boolean } | null {
    const [now, before] = [this.#series[i], this.#before[i]]
    if (now) return { series: now, isOld: false }
    return before ? { series: before, isOld: true } : null
  }
  /** The run that the picture belongs to. */
  get keeping(): Keeping {
    return this.#keeping
  }
  get measured(): readonly ShatterSeries[] {
    return this.#series.filter((one) => one !== null)
  }
  get checks(): readonly Check[] {
    return this.#checks
  }

  /** Whether the picture, or what is being measured, belongs to other settings. */
  isStale(experiment: Experiment): boolean {
    return !this.measurement.asks(askedOf(experiment, this.#trained).question)
  }

  /** Whether what is drawn answers other settings than these, and nothing newer is coming. */
  isOld(experiment: Experiment): boolean {
    return !this.measurement.isRunning && (this.isStale(experiment) || this.measurement.error !== null)
  }

  /** Seconds that a measurement is to take; null where none was finished yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.measurement.secondsFor(askedOf(experiment, this.#trained).expected)
  }

  /** Whether it is done without being asked for. */
  isQuick(experiment: Experiment): boolean {
    return runsByItself(askedOf(experiment, this.#trained).expected.cost)
  }

  async start(experiment: Experiment): Promise<void> {
    const trained = this.#trained
    const { question, body, expected } = askedOf(experiment, trained)
    this.#checking.stop()
    const onEvent = (event: LabEvent) => {
      if (event.type === 'shatter-started') this.#begin(event, trained)
      if (event.type === 'shattered')
        this.#series = this.#series.map((one, i) => (i === event.series ? event.result : one))
    }
    await this.measurement.start(
      question,
      async (run) => {
        const reply = await trainerJob(run, this.connection, body, { onEvent })
        this.#keeping = trained ? { run: trained.run, problem: null } : keepingOf(reply)
        return reply
      },
      expected,
    )
    if (this.measurement.isRunning) return
    this.#before = []
    if (!this.measurement.error && !trained) await this.#checking.start(question, (run) => this.#check(run))
  }

  stop(): void {
    this.measurement.stop()
    this.#checking.stop()
  }

  /** A run of the library, as it was found, in its half of the view; derivatives are not checked again. */
  show(document: RunDocument): void {
    const { entry, experiment, started, result } = document
    this.look(null)
    if (entry.kind === 'regions') {
      this.mode = 'regions'
      return this.regions.show(document)
    }
    this.#checking.cancel()
    this.mode = 'gradients'
    this.measurement.finished(askedOf(experiment, null).question, entry)
    this.#before = []
    this.#begin(started as Started, null)
    const { series } = result as ShatterResult
    this.#series = (started as Started).series.map((_, i) => series[i] ?? null)
    this.#keeping = { run: entry.id, problem: null }
  }

  #begin(event: Started, trained: TrainedLine | null) {
    const ids = (this.#started?.series ?? []).map(networkId)
    const isSameLine = JSON.stringify(this.#started?.x) === JSON.stringify(event.x)
    this.#before = event.series.map((network) => {
      const place = isSameLine ? ids.indexOf(networkId(network)) : -1
      return place < 0 ? null : (this.shown(place)?.series ?? null)
    })
    this.#started = event
    this.#drawn = trained
    this.#keeping = NOT_KEPT
    this.#series = event.series.map(() => null)
    this.#checks = trained ? [] : event.series.map(() => ({ state: 'waiting' }))
  }

  /** One network after the other: float64 is slow, and the picture is there already. */
  async #check(run: TaskRun) {
    const started = this.#started
    if (!started) return
    const compute = new Compute()
    try {
      for (const [i, { graph, blocks }] of started.series.entries()) {
        if (this.#series[i] === null) continue
        this.#setCheck(i, { state: 'running' })
        const experiment = { ...started.experiment, blocks }
        const request = { graph, experiment, settings: started.settings }
        this.#setCheck(i, await this.#checked(run, compute, request))
      }
    } finally {
      compute.close()
      this.#checks = this.#checks.map((one) => (one.state === 'running' ? { state: 'waiting' } : one))
    }
  }

  async #checked(run: TaskRun, compute: Compute, request: NetworkRequest): Promise<Check> {
    try {
      const { check, slope } = await pageJob(run, compute, 'shatterCheck', request)
      return { state: 'done', ...check, slope }
    } catch (error) {
      if (error instanceof Ended) throw error
      return { state: 'failed', message: (error as Error).message }
    }
  }

  #setCheck(i: number, check: Check) {
    this.#checks = this.#checks.map((one, at) => (at === i ? check : one))
  }
}

/** How the experiment says to look at the networks, or how the workbench opens. */
export const shatterSettings = (experiment: Experiment): ShatterSettings =>
  experiment.shatter ?? openingShatter()

/** Settings of the experiment that the curves depend on. */
export const SETTINGS_SEEN = [
  'block',
  'compare',
  'remedies',
  'blocks',
  'width',
  'replicas',
  'batch',
  'init',
  'gain',
  'skip',
  'seed',
] as const satisfies readonly SettingKey[]

/** Networks of other depths that stand beside the chosen ones. */
const REFERENCES = 3

/** What a measurement answers, asks the trainer for, and is to cost. */
function askedOf(
  experiment: Experiment,
  trained: TrainedLine | null,
): { question: string; body: Extract<RequestBody, { type: 'shatter' }>; expected: Expected } {
  // As it is: of blocks that take no points of a line the trainer says so, and not that their input has no rows.
  const documentOf = (one: Experiment) => one as unknown as Record<string, unknown>
  const type = 'shatter' as const
  if (trained) {
    const { run, line, settings, steps } = trained
    const of = { experiment: documentOf(trained.experiment), trained: run }
    return {
      question: JSON.stringify([run, line, settings, steps]),
      // What is measured of a run becomes no run of its own, as on the command line.
      body: { type, ...of, line: { ...line }, settings: { ...settings }, steps: [...steps], keep: false },
      expected: { kind: 'trained', cost: sampleLineCost(trained.experiment, settings.points, steps) },
    }
  }
  const settings = shatterSettings(experiment)
  const networks = seriesOf(experiment).length + REFERENCES
  return {
    question: questionKey({ experiment, dependsOn: SETTINGS_SEEN, asks: settings }),
    body: { type, experiment: documentOf(experiment), settings: { ...settings } },
    expected: { kind: 'drawn', cost: lineCost(experiment, networks, settings.points) },
  }
}
