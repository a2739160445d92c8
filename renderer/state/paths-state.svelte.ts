import { summarisePaths, type NetworkPaths } from '../../shared/paths/measure'
import { measuredSamples } from '../../shared/paths/trained'
import { samplesOfPaths } from '../../shared/paths/needed-samples'
import { problemOf, type PathRequest } from '../../shared/paths/series-paths'
import type { MeasuredPaths, PathTheory } from '../../shared/paths/results'
import type { RunDocument } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { Connection } from '../base/connection'
import { Compute } from '../compute/compute'
import { NOT_KEPT, type Keeping } from './keeping'
import { pageJob } from './parts'
import { keptPaths, shownPaths } from './paths-run'
import { sendSamples } from './sent-samples'
import { questionKey } from './question'
import { Task, type TaskRun } from './task.svelte'
import type { ProgressEvent } from '../../shared/protocol/protocol'
import { TrainedRuns, type TrainedRun } from './trained-runs.svelte'

export interface PathsResult {
  request: PathRequest
  measured: MeasuredPaths
  theory: PathTheory | null
  theoryNote: string | null
  /** Where a trained network was asked about: `measured` is over samples then, and theory is left out. */
  trained: { run: TrainedRun; samples: number; initial: MeasuredPaths } | null
  /** The run that it is; of a trained network, that of its training. */
  keeping: Keeping
}

/** Milliseconds that a network of older settings may take to its end: opening another worker costs as much. */
const PATIENCE = 300

/**
 * What the page's worker says of the paths: network by network (sample by sample of a trained one); a newer request
 * supersedes the older.
 */
export class PathsState {
  /** Networks that are trained in place, by the trainer. */
  readonly trainings: TrainedRuns
  readonly #compute = new Compute()
  readonly #task = new Task(PATIENCE)
  #request = $state.raw<PathRequest | null>(null)
  #document: Experiment | null = null
  #run = $state.raw<TrainedRun | null>(null)
  #result = $state.raw<PathsResult | null>(null)
  /** Why what is asked for cannot be computed at all. */
  #refusal = $state.raw<string | null>(null)

  constructor(private readonly connection: Connection) {
    this.trainings = new TrainedRuns(connection)
  }

  /** The newest result; it may answer an older request. */
  get result(): PathsResult | null {
    return this.#result
  }
  /** Whether the result answers what is asked for now. */
  get isCurrent(): boolean {
    const { request, trained } = this.#result ?? {}
    return request !== undefined && request === this.#request && (trained?.run ?? null) === this.#run
  }
  get isRunning(): boolean {
    return this.#task.isRunning
  }
  /** Networks or samples done, of how many. */
  get progress(): { done: number; total: number } {
    const experiment = this.#request?.experiment
    const total = experiment && (this.#run ? measuredSamples(experiment) : experiment.replicas)
    return { done: this.#task.progress?.done ?? 0, total: total ?? 1 }
  }
  /** Why there is no result: bad input, or what failed. */
  get problem(): string | null {
    const { error } = this.#task
    return this.#refusal ?? (error && `The paths could not be computed: ${error.message}`)
  }
  /** As a bar follows it. */
  get expansion(): Task {
    return this.#task
  }
  get wasStopped(): boolean {
    return this.#task.wasStopped
  }

  /**
   * @param document the experiment that the request was made from
   * @param run the trained network that is asked about; null: networks at initialisation
   */
  ask(request: PathRequest, document: Experiment, run: TrainedRun | null = null): void {
    this.#document = document
    if (run === this.#run && this.#request && keyOf(request) === keyOf(this.#request)) return
    this.#request = request
    this.#run = run
    this.again()
  }

  again(): void {
    const [request, trained] = [this.#request, this.#run]
    if (!request) return
    this.#refusal = trained?.problem ?? problemOf(request, trained !== null)
    if (this.#refusal) return this.#task.cancel()
    void this.#task.start(keyOf(request), (run) =>
      trained ? this.#trained(run, request, trained) : this.#initial(run, request),
    )
  }

  /** Ends the work; what was found before stays. */
  stop(): void {
    this.#task.stop()
  }

  /** The view is left: what is not finished ends, and begins again when it is opened. */
  leave(): void {
    if (!this.isRunning) return
    this.#task.cancel()
    this.#request = null
  }

  async #initial(run: TaskRun, request: PathRequest) {
    const { experiment } = request
    const begun = performance.now()
    await this.#send(run, request, false)
    const theory = await pageJob(run, this.#compute, 'pathTheory', experiment)
    const networks: NetworkPaths[] = []
    for (let replica = 0; replica < experiment.replicas; replica++) {
      networks.push(await pageJob(run, this.#compute, 'paths', { request, replica }))
      run.report(progressOf(replica + 1, experiment.replicas))
    }
    const measured = summarisePaths(networks, experiment.blocks)
    const found: PathsResult = { request, measured, ...theory, trained: null, keeping: NOT_KEPT }
    this.#result = found
    const seconds = (performance.now() - begun) / 1000
    // The picture does not wait for the disk.
    void keptPaths(this.connection, found, this.#document!, seconds).then((keeping) => {
      if (this.#result === found) this.#result = { ...found, keeping }
    })
  }

  /** Paths of the library, as they were found. */
  show(document: RunDocument): void {
    const found = shownPaths(document)
    this.#request = found.request
    this.#run = null
    this.#refusal = null
    this.#task.finished(keyOf(found.request), document.entry)
    this.#result = found
  }

  /** Samples that the page has not itself. */
  async #send(run: TaskRun, { experiment }: PathRequest, isTrained: boolean) {
    const found = samplesOfPaths(experiment, isTrained)
    if (found) await sendSamples(run, this.connection, this.#compute, found)
  }

  async #trained(run: TaskRun, request: PathRequest, trained: TrainedRun) {
    const samples = measuredSamples(request.experiment)
    const [before, after]: NetworkPaths[][] = [[], []]
    const { weights } = trained
    await this.#send(run, request, true)
    for (let sample = 0; sample < samples; sample++) {
      const ask = (own: typeof weights | null) =>
        pageJob(run, this.#compute, 'trainedPaths', { request: { ...request, weights: own }, sample })
      before.push(await ask(null))
      after.push(await ask(weights))
      run.report(progressOf(sample + 1, samples))
    }
    const { blocks } = request.experiment
    const [initial, measured] = [before, after].map((networks) => summarisePaths(networks, blocks))
    const theory = { theory: null, theoryNote: 'Theory is of initialisation: it is left out here.' }
    const { keeping } = trained
    this.#result = { request, measured, ...theory, trained: { run: trained, samples, initial }, keeping }
  }
}

const keyOf = ({ experiment, listing }: PathRequest): string =>
  questionKey({ experiment, dependsOn: 'measuring', asks: listing })

const progressOf = (done: number, total: number): ProgressEvent => ({
  type: 'progress',
  message: 'Expanding the paths',
  done,
  total,
  rate: null,
  unit: 'networks',
  secondsLeft: null,
})
