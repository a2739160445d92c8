import type { Experiment } from '../../shared/settings/experiment'
import type { ShatterNetwork } from '../../shared/shatter/results'
import { countDistinct, patternsOf, type Counted, type SliceRows } from '../../shared/shatter/plane-regions'
import { whyNotExact, type BlockRegions, type LineRegions } from '../../shared/shatter/line-regions'
import {
  REGION_NETWORKS,
  SIDES,
  lineOfResult,
  regionsExperiment,
  regionsNetworks,
  regionsResult,
  type Side,
} from '../../shared/shatter/regions'
import { shatterExperiment } from '../../shared/shatter/shatter'
import { openingShatter, type ShatterSettings } from '../../shared/settings/shatter'
import { fieldsOf } from '../../shared/runs/curves'
import type { RunDocument } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import { Compute } from '../compute/compute'
import { regionsCost } from './cost'
import { NOT_KEPT, keptByPage, type Keeping } from './keeping'
import { pageJob } from './parts'
import { questionKey } from './question'
import { Task, type TaskRun } from './task.svelte'

export interface RegionsRequest {
  /** Of one block with one remedy, which is held against itself without its skip. */
  experiment: Experiment
  settings: ShatterSettings
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

/** One drawing as its parts see it. */
interface Drawing {
  run: TaskRun
  compute: Compute
  networks: Found['networks']
  request: RegionsRequest
  /** Says what is done, out of how many units in all. */
  tell: (message: string, done: number) => void
}

/** Linear regions of a plain and a residual network, in the page's worker. */
export class RegionsRun {
  readonly #task = new Task()
  #found = $state.raw<Found | null>(null)
  #request = $state.raw<RegionsRequest | null>(null)
  #keeping = $state.raw<Keeping>(NOT_KEPT)
  /** Points a side of the picture that is asked for, half of its side: here, so that opening a run restores them. */
  size = $state(160)
  reach = $state(2)

  constructor(private readonly connection: Connection) {}

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
  /** The run that the picture belongs to. */
  get keeping(): Keeping {
    return this.#keeping
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
      const networks = regionsNetworks(request.experiment, request.settings)
      // What is shown of another picture's networks would not belong to the names beside it.
      this.#show(networks, { plain: [], residual: [] }, NOT_KEPT)
      const begun = performance.now()
      const counted: Record<Side, LineRegions[]> = { plain: [], residual: [] }
      let finished = false
      try {
        await this.#draw(run, networks, request, counted)
        finished = true
      } finally {
        if (!run.isDropped) void this.#keep(request, counted, finished, (performance.now() - begun) / 1000)
      }
    }
    return this.#task.start(keyOf(request), work, costOf(request))
  }

  /** What is found until now stays. */
  stop(): void {
    this.#task.stop()
  }

  /**
   * A run of the library: the line as it was found, and the patterns in the plane, which its settings say, drawn again.
   * @throws Error where the run holds no counts; InputError
   */
  show({ entry, experiment, started, result }: RunDocument): void {
    const line = lineOfResult(result)
    if (!line)
      throw new Error(`${entry.name} holds no counts: its settings are restored, its picture is not.`)
    // The command line draws no plane.
    const { size, reach } = fieldsOf(started)
    if (typeof size === 'number' && size > 0) this.size = size
    if (typeof reach === 'number' && reach > 0) this.reach = reach
    const settings = experiment.shatter ?? openingShatter()
    const request = { experiment, settings, size: this.size, reach: this.reach }
    const networks = regionsNetworks(experiment, settings)
    this.#request = request
    const work = async (run: TaskRun) => {
      this.#show(networks, line, { run: entry.id, problem: null })
      await this.#drawing(run, networks, request, 2 * request.size, async (drawing) => {
        for (const [i, side] of SIDES.entries()) await this.#plane(drawing, side, i * request.size)
      })
      return { finished: entry.state === 'finished', seconds: entry.seconds }
    }
    void this.#task.start(keyOf(request), work)
  }

  #show(networks: Found['networks'], line: Found['line'], keeping: Keeping) {
    this.#found = { networks, line, slice: { plain: null, residual: null } }
    this.#keeping = keeping
  }

  /** First what is drawn of each side, then further networks for the counts. @param counted filled with whole ones */
  #draw(
    run: TaskRun,
    networks: Found['networks'],
    request: RegionsRequest,
    counted: Record<Side, LineRegions[]>,
  ): Promise<void> {
    const { experiment, size } = request
    const { blocks } = experiment
    const total = 2 * REGION_NETWORKS * blocks + 2 * size
    return this.#drawing(run, networks, request, total, async (drawing) => {
      let before = 0
      const line = async (side: Side, replica: number) => {
        counted[side].push(await this.#line(drawing, side, replica, before))
        before += blocks
      }
      for (const side of SIDES) await line(side, 0)
      for (const side of SIDES) {
        await this.#plane(drawing, side, before)
        before += size
      }
      for (let replica = 1; replica < REGION_NETWORKS; replica++)
        for (const side of SIDES) await line(side, replica)
    })
  }

  /** @param total units of all parts: blocks of the line, rows of the plane */
  async #drawing(
    run: TaskRun,
    networks: Found['networks'],
    request: RegionsRequest,
    total: number,
    parts: (drawing: Drawing) => Promise<void>,
  ) {
    const compute = new Compute()
    const tell = (message: string, done: number) =>
      run.report({ type: 'progress', message, done, total, rate: null, unit: '', secondsLeft: null })
    try {
      await parts({ run, compute, networks, request, tell })
    } finally {
      compute.close()
    }
  }

  async #line(
    { run, compute, networks, request, tell }: Drawing,
    side: Side,
    replica: number,
    before: number,
  ) {
    const { graph } = networks[side]
    const done = (units: number) =>
      tell(`Regions on the line: ${side}, network ${replica + 1} of ${REGION_NETWORKS}`, before + units)
    done(0)
    const { experiment, settings } = request
    const argument = { graph, experiment: shatterExperiment(experiment), settings, replica }
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
    return regions
  }

  async #plane({ run, compute, networks, request, tell }: Drawing, side: Side, before: number) {
    const done = (rows: number) => tell(`Patterns in the plane: ${side}`, before + rows)
    done(0)
    const { graph } = networks[side]
    const experiment = shatterExperiment(request.experiment)
    const { size, reach } = request
    const { blocks } = experiment
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
  }

  #add(change: (found: Found) => Found) {
    if (this.#found) this.#found = change(this.#found)
  }

  /** As many networks as were counted on both sides, as a run; the picture does not wait for the disk. */
  async #keep(
    { experiment, size, reach }: RegionsRequest,
    counted: Record<Side, LineRegions[]>,
    finished: boolean,
    seconds: number,
  ) {
    const { networks } = this.#found!
    const pairs = counted.residual.map((residual, i) => ({ plain: counted.plain[i], residual }))
    if (!pairs.length) return
    const result = regionsResult(networks, pairs, finished)
    const started = { type: 'regions-started', size, reach }
    const found = { kind: 'regions' as const, experiment, started, result, seconds }
    const keeping = await keptByPage(this.connection, found)
    if (this.#found?.networks === networks) this.#keeping = keeping
  }
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

/** @param chosen one of the experiment's curves, and its picture in the plane */
export function regionsRequest(
  experiment: Experiment,
  settings: ShatterSettings,
  { block, remedy, ...picture }: { block: string; remedy: string; size: number; reach: number },
): RegionsRequest {
  return { experiment: regionsExperiment(experiment, { block, remedy }, settings), settings, ...picture }
}

const costOf = ({ experiment, size }: RegionsRequest): number => regionsCost(experiment, size)

const SETTINGS_SEEN = ['block', 'remedies', 'blocks', 'width', 'init', 'gain', 'seed'] as const

/** Depends on nothing that neither the line nor the plane sees. */
function keyOf({ experiment, settings, size, reach }: RegionsRequest): string {
  const { points, range, center, beta } = settings
  return questionKey({
    experiment,
    dependsOn: SETTINGS_SEEN,
    asks: [points, range, center, beta, size, reach],
  })
}
