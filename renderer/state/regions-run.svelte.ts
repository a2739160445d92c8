import type { Experiment } from '../../shared/settings/experiment'
import type { ShatterNetwork } from '../../shared/shatter/results'
import { countDistinct, patternsOf, type Counted, type SliceRows } from '../../shared/shatter/plane-regions'
import { whyNotExact, type BlockRegions, type LineRegions } from '../../shared/shatter/line-regions'
import { shatterExperiment } from '../../shared/shatter/shatter'
import type { ShatterSettings } from '../../shared/settings/shatter'
import { shatterNetworks } from '../../shared/shatter/networks'
import { Compute } from '../compute/compute'
import { regionsCost } from './cost'
import { pageJob } from './parts'
import { questionKey } from './question'
import { Task, type TaskRun } from './task.svelte'

export type Side = 'plain' | 'residual'
export const SIDES: readonly Side[] = ['plain', 'residual']

/** Networks whose regions on the line are counted; the first is drawn. */
export const NETWORKS = 3

export interface RegionsRequest {
  experiment: Experiment
  settings: ShatterSettings
  /** The experiment's curve that is held against itself without its skip. */
  block: string
  remedy: string
  /** Points a side of the picture, and half of its side in units of x. */
  size: number
  reach: number
}

/** The patterns of a picture, row by row as they come. */
export interface Slice {
  size: number
  rows: number
  blocks: number
  bits: Uint16Array
  hashes: Uint32Array
}

interface Found {
  networks: Record<Side, ShatterNetwork>
  /** Per side, one entry per network. */
  line: Record<Side, readonly LineRegions[]>
  slice: Record<Side, Slice | null>
}

/** Linear regions of a plain and a residual network, in the page's worker. */
export class RegionsRun {
  readonly #task = new Task()
  #found = $state.raw<Found | null>(null)
  #request = $state.raw<RegionsRequest | null>(null)

  get status() {
    return this.#task.status === 'idle' && this.#task.wasStopped ? 'stopped' : this.#task.status
  }
  get isRunning(): boolean {
    return this.#task.isRunning
  }
  get error(): Error | null {
    return this.#task.error
  }
  get outcome() {
    return this.#task.outcome
  }
  get found(): Found | null {
    return this.#found
  }
  /** What is shown, or being computed. */
  get request(): RegionsRequest | null {
    return this.#request
  }
  get progress() {
    return this.#task.progress
  }

  isStale(request: RegionsRequest): boolean {
    return !this.#task.asks(keyOf(request))
  }

  /** Null where no picture was finished yet. */
  secondsFor(request: RegionsRequest): number | null {
    return this.#task.secondsFor(costOf(request))
  }

  start(request: RegionsRequest): Promise<void> {
    this.#request = request
    const work = async (run: TaskRun) => {
      const networks = pairOf(request)
      // What is shown of another picture's networks would not belong to the names beside it.
      this.#found = {
        networks,
        line: { plain: [], residual: [] },
        slice: { plain: null, residual: null },
      }
      const compute = new Compute()
      try {
        await this.#compose(run, compute, request, networks)
      } finally {
        compute.close()
      }
    }
    return this.#task.start(keyOf(request), work, costOf(request))
  }

  /** What is found until now stays. */
  stop(): void {
    this.#task.stop()
  }

  /** First what is drawn of each side, then further networks for the counts. */
  async #compose(
    run: TaskRun,
    compute: Compute,
    { experiment, settings, size, reach }: RegionsRequest,
    networks: Found['networks'],
  ) {
    const { blocks } = experiment
    const total = 2 * NETWORKS * blocks + 2 * size
    let before = 0
    let message = ''
    const done = (units: number) =>
      run.report({
        type: 'progress',
        message,
        done: before + units,
        total,
        rate: null,
        unit: '',
        secondsLeft: null,
      })
    const line = async (side: Side, replica: number) => {
      message = `Regions on the line: ${side}, network ${replica + 1} of ${NETWORKS}`
      done(0)
      const { graph } = networks[side]
      const argument = { graph, experiment: { ...experiment, blocks }, settings, replica }
      const isExact = whyNotExact(graph) === null
      const partial: LineRegions = { counts: [1], breaks: [], isExact, cutAt: null, cause: null }
      const show = (regions: LineRegions) =>
        this.#add((found) => ({
          ...found,
          line: { ...found.line, [side]: [...found.line[side].slice(0, replica), regions] },
        }))
      const regions = await pageJob(run, compute, 'shatterLine', argument, (report) => {
        const { count, breaks } = report as BlockRegions
        partial.counts.push(count)
        partial.breaks.push(breaks)
        // The first network is drawn as it comes; of further ones only whole counts have a mean.
        if (replica === 0) show({ ...partial })
        done(partial.breaks.length)
      })
      show(regions)
      before += blocks
    }
    const plane = async (side: Side) => {
      message = `Patterns in the plane: ${side}`
      done(0)
      const { graph } = networks[side]
      const cells = blocks * size * size
      let slice: Slice | null = null
      const square = { size, reach }
      await pageJob(run, compute, 'shatterSlice', { graph, experiment, square }, (part) => {
        // Only now: a picture that is too large has been refused.
        slice ??= { size, rows: 0, blocks, bits: new Uint16Array(cells), hashes: new Uint32Array(cells) }
        addRows(slice, part as SliceRows)
        this.#add((found) => ({ ...found, slice: { ...found.slice, [side]: { ...slice! } } }))
        done(slice.rows)
      })
      before += size
    }
    for (const side of SIDES) await line(side, 0)
    for (const side of SIDES) await plane(side)
    for (let replica = 1; replica < NETWORKS; replica++) for (const side of SIDES) await line(side, replica)
  }

  #add(change: (found: Found) => Found) {
    if (this.#found) this.#found = change(this.#found)
  }
}

/** The chosen curve with its skip connections and without. @throws InputError */
function pairOf({ experiment, settings, block, remedy }: RegionsRequest): Record<Side, ShatterNetwork> {
  const of = (skip: 'on' | 'off') => {
    const own = { ...experiment, skip }
    return shatterNetworks(own, { ...settings, references: 'off' }).find(
      (network) => network.block === block && network.remedy === remedy,
    )!
  }
  return { plain: of('off'), residual: of('on') }
}

function addRows(slice: Slice, part: SliceRows): void {
  const { size, blocks } = slice
  const [points, own] = [size * size, part.rows * size]
  for (let k = 0; k < blocks; k++) {
    const to = k * points + part.from * size
    slice.bits.set(part.bits.subarray(k * own, (k + 1) * own), to)
    slice.hashes.set(part.hashes.subarray(k * own, (k + 1) * own), to)
  }
  slice.rows = part.from + part.rows
}

/** The pattern at each point of the rows that are there, and how many different ones. */
export function readSlice(slice: Slice, counted: Counted): { patterns: Uint32Array; distinct: number } {
  const { size, rows } = slice
  const patterns = patternsOf(slice, size * size, counted).subarray(0, rows * size)
  return { patterns, distinct: countDistinct(patterns) }
}

export function regionsRequest(
  experiment: Experiment,
  settings: ShatterSettings,
  chosen: Omit<RegionsRequest, 'experiment' | 'settings'>,
): RegionsRequest {
  return { experiment: shatterExperiment(experiment), settings, ...chosen }
}

const costOf = ({ experiment, size }: RegionsRequest): number => regionsCost(experiment, size)

const SETTINGS_SEEN = ['block', 'compare', 'remedies', 'blocks', 'width', 'init', 'gain', 'seed'] as const

/** Depends on nothing that neither the line nor the plane sees. */
function keyOf({ experiment, settings, ...chosen }: RegionsRequest): string {
  const { points, range, center, beta } = settings
  return questionKey({ experiment, dependsOn: SETTINGS_SEEN, asks: [points, range, center, beta, chosen] })
}
