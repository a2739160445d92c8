import type { RunEntry } from '../../../../shared/runs/run'
import { finishedRun, runsOfPoint } from '../../../runs/swept'
import type { PlannedPoint } from './plan'

/** What a library holds of one point. */
interface KeptPoint {
  /** That has ended as it should; null: the point is still to be done. */
  done: RunEntry | null
  /** Of another process that is at it now. */
  running: RunEntry | null
  /** Stopped or interrupted, and to be gone on with. */
  resumable: RunEntry | null
  /** Stopped or interrupted, with nothing to go on from. */
  leftovers: RunEntry[]
}

/** What there is of a point of a sweep. @param id of the sweep @param runs of the library */
export function keptPoint(runs: readonly RunEntry[], id: string, { index, key }: PlannedPoint): KeptPoint {
  const own = runsOfPoint(runs, { id, index, key })
  return {
    done: finishedRun(own),
    running: own.find(({ state }) => state === 'running') ?? null,
    resumable: own.find(({ canResume }) => canResume) ?? null,
    leftovers: own.filter(
      ({ state, canResume }) => state !== 'finished' && state !== 'running' && !canResume,
    ),
  }
}
