import { isTrainingKind } from '../../../shared/runs/run'
import type { KnownRuns } from './known-runs'

const MB = 1e6

/**
 * The oldest measurements go, where all of them take more than they may; trainings, points of sweeps and what
 * is pinned stay.
 * @param latest id of the run that was just kept, which stays too @param megabytes MB that measurements may take
 */
export function makeRoom(runs: KnownRuns, latest: string, megabytes: number): void {
  const entries = runs.entries()
  const measurements = entries
    .filter(({ id, kind, pinned, sweep }) => !isTrainingKind(kind) && !sweep && !pinned && id !== latest)
    .sort((a, b) => (a.created < b.created ? -1 : 1))
  const own = entries.find(({ id }) => id === latest)?.bytes ?? 0
  let left = measurements.reduce((sum, { bytes }) => sum + bytes, own)
  const gone: string[] = []
  for (const { id, bytes } of measurements) {
    if (left <= megabytes * MB) break
    runs.erase(id)
    left -= bytes
    gone.push(id)
  }
  runs.erased(gone)
}
