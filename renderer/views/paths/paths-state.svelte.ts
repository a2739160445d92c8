import { summarisePaths, type NetworkPaths } from '../../../shared/path-measure'
import { problemOf, type PathRequest } from '../../../shared/path-work'
import type { MeasuredPaths, PathTheory } from '../../../shared/paths'
import { Compute, Superseded } from '../../compute/compute'

export interface PathsResult {
  request: PathRequest
  measured: MeasuredPaths
  theory: PathTheory | null
  theoryNote: string | null
}

/** What the page's worker says of the paths: network by network; a newer request supersedes the older. */
export class PathsState {
  #compute = new Compute()
  #generation = 0
  #request = $state.raw<PathRequest | null>(null)
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
    return this.#result !== null && this.#result.request === this.#request
  }
  get isRunning(): boolean {
    return this.#done !== null
  }
  /** Networks done, of how many. */
  get progress(): { done: number; total: number } {
    return { done: this.#done ?? 0, total: this.#request?.experiment.replicas ?? 1 }
  }
  /** Why there is no result: bad input, or what failed. */
  get problem(): string | null {
    return this.#problem
  }
  get wasStopped(): boolean {
    return this.#stopped
  }

  ask(request: PathRequest): void {
    if (JSON.stringify(request) === JSON.stringify(this.#request)) return
    this.#request = request
    this.again()
  }

  again(): void {
    const request = this.#request
    if (!request) return
    const generation = ++this.#generation
    this.#stopped = false
    this.#problem = problemOf(request)
    this.#done = this.#problem ? null : 0
    if (this.#problem) return this.#compute.close()
    this.#work(request, generation).catch((error: Error) => {
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
    this.#result = { request, measured: summarisePaths(networks, experiment.blocks), ...theory }
    this.#done = null
  }
}
