import { SvelteMap } from 'svelte/reactivity'
import { readPoint, theoryNumbers, type PointSeries } from '../../shared/runs/sweep-reading'
import type { ScreenSweep } from '../../shared/sweep/screen-plan'
import type { RunEntry } from '../../shared/runs/run'
import { Compute } from '../compute/compute'
import { Pace } from './pace.svelte'
import { pageJob } from './parts'
import type { RunsState } from './runs.svelte'
import { Task } from './task.svelte'

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

/** What is known of sweeps' points: each is a run of the library, which the queue has made. */
export class SweepRun {
  readonly #theoryTask = new Task()
  readonly #compute = new Compute()
  /** By the run's id. */
  readonly #readings = new SvelteMap<string, PointSeries[]>()
  /** By the point's key. */
  readonly #theory = new SvelteMap<string, TheorySeries[]>()
  /** Runs that are read, or could not be. */
  readonly #asked: Record<string, true> = {}
  /** Of sweeps that this page has seen from their begin to their end. */
  readonly pace = new Pace<ScreenSweep['command']>()
  /** A sweep of the library that is shown in place of the experiment's own. */
  kept = $state<string | null>(null)

  /** What the run at a point says; null while it is not read. */
  reading(run: string): PointSeries[] | null {
    return this.#readings.get(run) ?? null
  }
  theory(key: string): TheorySeries[] | null {
    return this.#theory.get(key) ?? null
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
