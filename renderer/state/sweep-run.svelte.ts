import { SvelteMap } from 'svelte/reactivity'
import { readPoint, theoryNumbers, type PointSeries } from '../../shared/runs/sweep-reading'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { keptPoint } from '../../shared/sweep/kept'
import { SweepPace } from '../../shared/sweep/pace'
import { pointWords } from '../../shared/sweep/points'
import type { ScreenPoint, ScreenSweep } from '../../shared/sweep/screen-plan'
import type { RunEntry } from '../../shared/runs/run'
import { RequestError, type Connection } from '../base/connection'
import { Compute } from '../compute/compute'
import { sweepCost } from './cost'
import { pageJob, trainerJob } from './parts'
import type { RunsState } from './runs.svelte'
import { missing } from './sweep-shown'
import { Task, type TaskRun } from './task.svelte'

/** More points than that are measured without theory beside them. */
const MOST_THEORY = 1000

/** What theory says of a series at a point. */
export interface TheorySeries {
  block: string
  blockTitle: string
  remedy: string
  theory: Record<string, number>
  /** Why there is none. */
  note: string | null
}

/** Sweeps that the page has done, point after point; each point is a run of the library. */
export class SweepRun {
  readonly task = new Task()
  readonly #theoryTask = new Task()
  readonly #compute = new Compute()
  /** By the run's id. */
  readonly #readings = new SvelteMap<string, PointSeries[]>()
  /** By the point's key. */
  readonly #theory = new SvelteMap<string, TheorySeries[]>()
  /** Why a point has no result, by its key. */
  readonly #problems = new SvelteMap<string, string>()
  #current = $state<string | null>(null)
  /** Runs that are read, or could not be. */
  readonly #asked: Record<string, true> = {}
  /** A sweep of the library that is shown in place of the experiment's own. */
  kept = $state<string | null>(null)

  constructor(private readonly connection: Connection) {}

  /** What the run at a point says; null while it is not read. */
  reading(run: string): PointSeries[] | null {
    return this.#readings.get(run) ?? null
  }
  theory(key: string): TheorySeries[] | null {
    return this.#theory.get(key) ?? null
  }
  problem(key: string): string | null {
    return this.#problems.get(key) ?? null
  }
  /** Key of the point under way. */
  get current(): string | null {
    return this.#current
  }

  /** Seconds that these points take, as fast as the newest sweep was; null where none was finished yet. */
  secondsFor(command: ScreenSweep['command'], points: readonly ScreenPoint[]): number | null {
    return this.task.secondsFor({ cost: costOf(command, points), kind: command })
  }

  /** Does the points that the library does not hold, one after the other. */
  start(sweep: ScreenSweep, runs: RunsState): Promise<void> {
    const left = missing(sweep, runs.kept)
    this.#problems.clear()
    return this.task.start(
      sweep.id,
      async (run) => {
        const begun = performance.now()
        await this.#doPoints(run, sweep, left, runs).finally(() => (this.#current = null))
        return { finished: !run.isEnding, seconds: (performance.now() - begun) / 1000 }
      },
      { cost: costOf(sweep.command, left), kind: sweep.command },
    )
  }

  stop(): void {
    this.task.stop()
  }

  async #doPoints(run: TaskRun, sweep: ScreenSweep, left: readonly ScreenPoint[], runs: RunsState) {
    const pace = new SweepPace(left.length)
    for (const [i, point] of left.entries()) {
      if (run.isEnding) return
      this.#current = point.key
      run.report({
        ...{ type: 'progress', message: `Point ${i + 1} of ${left.length}, ${pointWords(point.settings)}` },
        ...{ done: i, total: left.length, unit: 'points' },
        ...{ rate: pace.rate, secondsLeft: pace.secondsLeft },
      })
      const begun = performance.now()
      await this.#doPoint(run, sweep, point, runs)
      pace.tick((performance.now() - begun) / 1000)
    }
  }

  async #doPoint(run: TaskRun, { id, command, points }: ScreenSweep, point: ScreenPoint, runs: RunsState) {
    const { index, key, settings, experiment } = point
    const { done, running, resumable, leftovers } = keptPoint(runs.kept, { id, index, key })
    if (done || running) return
    const body = {
      ...{ type: command, experiment: experiment as unknown as Record<string, unknown>, keep: true },
      sweep: { id, name: null, index, points: points.length, key, settings },
      ...(resumable && { resume: resumable.id }),
    }
    // A training that is stopped is gone on with; a measurement is done anew.
    const listeners = { onProgress: () => {}, wantsWhole: command === 'signal' }
    try {
      const reply = await trainerJob(run, this.connection, body, listeners)
      if (reply.runProblem) throw new Error(reply.runProblem)
      if (reply.finished && leftovers.length)
        await this.connection.request<'runs.remove'>({
          type: 'runs.remove',
          runs: leftovers.map((one) => one.id),
        })
    } catch (error) {
      // One point that cannot be done leaves the others.
      if (!(error instanceof RequestError) || error.reason === 'interrupted') throw error
      this.#problems.set(key, error.message)
    }
  }

  /** Reads what the runs at the points say. */
  async read(entries: readonly RunEntry[], runs: RunsState): Promise<void> {
    const fresh = entries.filter(({ id }) => !this.#asked[id])
    fresh.forEach(({ id }) => (this.#asked[id] = true))
    for (const { id } of fresh) {
      try {
        this.#readings.set(id, readPoint(await runs.open(id)))
      } catch {
        // What is damaged has no number; the point says so by showing none.
        this.#readings.set(id, [])
      }
    }
  }

  /** Asks what theory says of the points: at once, for nothing needs to be measured. */
  expect({ id, command, points }: ScreenSweep): void {
    if (command !== 'signal' || points.length > MOST_THEORY || this.#theoryTask.asks(id)) return
    void this.#theoryTask.start(id, async (run) => {
      for (const { key, experiment } of points) {
        if (this.#theory.has(key) || experiment.input !== 'normal') continue
        const found = await pageJob(run, this.#compute, 'theory', experiment)
        const series = found.map(({ series: { block, blockTitle, remedy }, theory }) => ({
          ...{ block, blockTitle, remedy, theory: theoryNumbers(theory) },
          note: theory.note.q ?? theory.note.p ?? null,
        }))
        this.#theory.set(key, series)
      }
    })
  }
}

const costOf = (command: ScreenSweep['command'], points: readonly ScreenPoint[]) =>
  sweepCost(
    command,
    points.map(({ experiment }) => (command === 'train' ? trainingExperiment(experiment) : experiment)),
  )
