import type { RunEntry } from '../../shared/runs/run'
import type { RunSweep } from '../../shared/sweep/run-sweep'

/**
 * The runs of one point of a sweep, whichever machine has made them: they say so of themselves, and their results
 * depend on the same. Those in the trash are none.
 */
export const runsOfPoint = (
  runs: readonly RunEntry[],
  { id, index, key }: Pick<RunSweep, 'id' | 'index' | 'key'>,
): RunEntry[] =>
  runs.filter(
    ({ sweep, removed }) =>
      removed === null && sweep?.id === id && sweep.index === index && sweep.key === key,
  )

/** The run that has what there is to know of a point; null: it is still to be done. */
export const finishedRun = (ofPoint: readonly RunEntry[]): RunEntry | null =>
  ofPoint.find(({ state }) => state === 'finished') ?? null
