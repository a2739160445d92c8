import { summarisePaths, type NetworkPaths } from '../../shared/paths/measure'
import { measuredSamples } from '../../shared/paths/trained'
import { problemOf, type PathRequest } from '../../shared/paths/work'
import type { MeasuredPaths } from '../../shared/paths/paths'
import type { PathTheory } from '../../shared/paths/theory'
import { Compute, Superseded } from '../compute/compute'
import type { TrainedRun } from './trained-runs.svelte'

export interface PathsResult {
  request: PathRequest
  measured: MeasuredPaths
  theory: PathTheory | null
  theoryNote: string | null
  /** Of a trained network: `measured` is over samples then, and theory is left out. */
  trained: { run: TrainedRun; samples: number; initial: MeasuredPaths } | null
}

/** What the page's worker says of the paths: network by network (sample by sample of a trained one); a newer request supersedes the older. */
export class PathsState {
  #compute = new Compute()
  #generation = 0
  #request = $state.raw<PathRequest | null>(null)
  #run = $state.raw<TrainedRun | null>(null)
  #result = $state.raw<PathsResult | null>(null)
  #problem = $state.raw<string | null>(null)
  #done = $state<number | null>(null)
  #stopped = $state(false)

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
    return this.#done !== null
  }
  /** Networks or samples done, of how many. */
  get progress(): { done: number; total: number } {
    const experiment = this.#request?.experiment
    const total = experiment && (this.#run ? measuredSamples(experiment) : experiment.replicas)
    return { done: this.#done ?? 0, total: total ?? 1 }
  }
  /** Why there is no result: bad input, or what failed. */
  get problem(): string | null {
    return this.#problem
  }
  get wasStopped(): boolean {
    return this.#stopped
  }

  /** @param run the trained network that is asked about; null: networks at initialisation */
  ask(request: PathRequest, run: TrainedRun | null = null): void {
    if (run === this.#run && JSON.stringify(request) === JSON.stringify(this.#request)) return
    this.#request = request
    this.#run = run
    this.again()
  }

  again(): void {
    const [request, run] = [this.#request, this.#run]
    if (!request) return
    const generation = ++this.#generation
    this.#stopped = false
    this.#problem = run?.problem ?? problemOf(request, run !== null)
    this.#done = this.#problem ? null : 0
    if (this.#problem) return this.#compute.close()
    const work = run ? this.#trained(request, run, generation) : this.#work(request, generation)
    work.catch((error: Error) => {
      if (generation !== this.#generation || error instanceof Superseded) return
      this.#done = null
      this.#problem = `The paths could not be computed: ${error.message}`
    })
  }

  /** Ends the work; what was found before stays. */
  stop(): void {
    if (!this.isRunning) return
    this.#generation++
    this.#done = null
    this.#stopped = true
    this.#compute.close()
  }

  /** The view is left: what is not finished ends, and begins again when it is opened. */
  leave(): void {
    if (!this.isRunning) return
    this.stop()
    this.#request = null
  }

  async #work(request: PathRequest, generation: number) {
    const { experiment } = request
    const theory = await this.#compute.run('pathTheory', experiment)
    const networks: NetworkPaths[] = []
    for (let replica = 0; replica < experiment.replicas; replica++) {
      networks.push(await this.#compute.run('paths', { request, replica }))
      if (generation !== this.#generation) return
      this.#done = replica + 1
    }
    this.#result = {
      request,
      measured: summarisePaths(networks, experiment.blocks),
      ...theory,
      trained: null,
    }
    this.#done = null
  }

  async #trained(request: PathRequest, run: TrainedRun, generation: number) {
    const samples = measuredSamples(request.experiment)
    const [before, after]: NetworkPaths[][] = [[], []]
    for (let sample = 0; sample < samples; sample++) {
      before.push(await this.#compute.run('trainedPaths', { request: { ...request, weights: null }, sample }))
      if (generation !== this.#generation) return
      after.push(
        await this.#compute.run('trainedPaths', { request: { ...request, weights: run.weights }, sample }),
      )
      if (generation !== this.#generation) return
      this.#done = sample + 1
    }
    const { blocks } = request.experiment
    const [initial, measured] = [before, after].map((networks) => summarisePaths(networks, blocks))
    const theory = { theory: null, theoryNote: 'Theory is of initialisation: it is left out here.' }
    this.#result = { request, measured, ...theory, trained: { run, samples, initial } }
    this.#done = null
  }
}
