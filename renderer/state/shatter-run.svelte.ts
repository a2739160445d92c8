import type { Experiment } from '../../shared/experiment/experiment'
import type { DifferenceCheck } from '../../shared/shatter/float64-line'
import type { ShatterEvent, ShatterSeries } from '../../shared/protocol/protocol'
import { openingShatter, type ShatterSettings } from '../../shared/shatter/shatter'
import { networkId } from '../../shared/shatter/findings'
import { Compute, Superseded } from '../compute/compute'
import type { Connection } from '../base/connection'
import { JobState } from './job-state.svelte'
import { RegionsRun } from './regions-run.svelte'

type Started = Extract<ShatterEvent, { type: 'shatter-started' }>

/** What the badge of a network says. */
export type Check =
  | { state: 'waiting' | 'running' }
  | { state: 'failed'; message: string }
  | ({ state: 'done'; slope: Float64Array } & DifferenceCheck)

/** Networks of one input as the trainer measures them, and the check of their derivatives in the page's worker. */
export class ShatterRun {
  readonly job: JobState<'shatter'>
  /** The other half of the view. */
  readonly regions = new RegionsRun()
  /** Which of the view's two halves is shown. */
  mode = $state<'gradients' | 'regions'>('gradients')
  #started = $state.raw<Started | null>(null)
  #series = $state.raw<readonly (ShatterSeries | null)[]>([])
  /** What was shown of the same networks before, until they are measured again. */
  #before = $state.raw<readonly (ShatterSeries | null)[]>([])
  #checks = $state.raw<readonly Check[]>([])
  #key = $state<string | null>(null)
  #generation = 0
  #compute: Compute | null = null

  constructor(connection: Connection) {
    this.job = new JobState(connection)
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
  get measured(): readonly ShatterSeries[] {
    return this.#series.filter((one) => one !== null)
  }
  get checks(): readonly Check[] {
    return this.#checks
  }

  /** Whether the picture, or what is being measured, belongs to other settings. */
  isStale(experiment: Experiment): boolean {
    return this.#key !== keyOf(experiment)
  }

  /** Whether what is drawn answers other settings than these, and nothing newer is coming. */
  isOld(experiment: Experiment): boolean {
    return !this.job.isRunning && (this.isStale(experiment) || this.job.error !== null)
  }

  async start(experiment: Experiment): Promise<void> {
    const generation = ++this.#generation
    const settings = shatterSettings(experiment)
    this.#key = keyOf(experiment)
    this.#endChecks()
    // As it is: of blocks that take no points of a line the trainer says so, and not that their input has no rows.
    const document = experiment as unknown as Record<string, unknown>
    await this.job.start({ type: 'shatter', experiment: document, settings: { ...settings } }, (event) => {
      if (event.type === 'shatter-started') this.#begin(event)
      if (event.type === 'shattered') {
        this.#series = this.#series.map((one, i) => (i === event.series ? event.result : one))
      }
    })
    if (generation !== this.#generation) return
    this.#before = []
    if (!this.job.error) await this.#check(generation)
  }

  stop(): void {
    this.job.stop()
    this.#endChecks()
  }

  #begin(event: Started) {
    const ids = (this.#started?.series ?? []).map(networkId)
    const isSameLine = JSON.stringify(this.#started?.x) === JSON.stringify(event.x)
    this.#before = event.series.map((network) => {
      const place = isSameLine ? ids.indexOf(networkId(network)) : -1
      return place < 0 ? null : (this.shown(place)?.series ?? null)
    })
    this.#started = event
    this.#series = event.series.map(() => null)
    this.#checks = event.series.map(() => ({ state: 'waiting' }))
  }

  /** One network after the other: float64 is slow, and the picture is there already. */
  async #check(generation: number) {
    const started = this.#started
    if (!started) return
    const compute = (this.#compute = new Compute())
    for (const [i, { graph, blocks }] of started.series.entries()) {
      if (this.#series[i] === null) continue
      this.#setCheck(i, { state: 'running' })
      const experiment = { ...started.experiment, blocks }
      try {
        const request = { graph, experiment, settings: started.settings }
        const { check, slope } = await compute.run('shatterCheck', request)
        if (generation !== this.#generation) return
        this.#setCheck(i, { state: 'done', ...check, slope })
      } catch (error) {
        if (generation !== this.#generation || error instanceof Superseded) return
        this.#setCheck(i, { state: 'failed', message: (error as Error).message })
      }
    }
    compute.close()
  }

  #setCheck(i: number, check: Check) {
    this.#checks = this.#checks.map((one, at) => (at === i ? check : one))
  }

  #endChecks() {
    this.#compute?.close()
    this.#compute = null
    this.#checks = this.#checks.map((one) => (one.state === 'running' ? { state: 'waiting' } : one))
  }
}

/** How the experiment says to look at the networks, or how the workbench opens. */
export const shatterSettings = (experiment: Experiment): ShatterSettings =>
  experiment.shatter ?? openingShatter()

/** What the curves depend on. */
function keyOf(experiment: Experiment): string {
  const { block, compare, remedies, blocks, width, replicas, batch, init, gain, skip, seed } = experiment
  const settings = shatterSettings(experiment)
  return JSON.stringify([
    block,
    compare,
    remedies,
    blocks,
    width,
    replicas,
    batch,
    init,
    gain,
    skip,
    seed,
    settings,
  ])
}

/** Multiplications of a measurement, for one that starts by itself. */
export function costOf(experiment: Experiment, networks: number): number {
  const { blocks, width, replicas, batch } = experiment
  return networks * blocks * width * width * replicas * (shatterSettings(experiment).points + batch)
}
