import type { RunSweep } from './run-sweep'

/** What a run says of itself as a point of a sweep. */
interface PointRun {
  state: 'running' | 'finished' | 'stopped' | 'interrupted'
  /** When it was put into the trash; null: it is not there. */
  removed: string | null
  canResume: boolean
  sweep?: RunSweep
}

type Point = Pick<RunSweep, 'id' | 'index' | 'key'>

/**
 * The runs of one point of a sweep, whichever machine has made them: they say so of themselves, and their results
 * depend on the same. Those in the trash are none.
 */
export const runsOfPoint = <R extends PointRun>(runs: readonly R[], { id, index, key }: Point): R[] =>
  runs.filter(
    ({ sweep, removed }) =>
      removed === null && sweep?.id === id && sweep.index === index && sweep.key === key,
  )

/** The run that has what there is to know of a point; null: it is still to be done. */
export const finishedRun = <R extends PointRun>(ofPoint: readonly R[]): R | null =>
  ofPoint.find(({ state }) => state === 'finished') ?? null

/** What a library holds of one point. */
export interface KeptPoint<R> {
  /** That has ended as it should; null: the point is still to be done. */
  done: R | null
  /** Of another process that is at it now. */
  running: R | null
  /** Stopped or interrupted, and to be gone on with. */
  resumable: R | null
  /** Stopped or interrupted, with nothing to go on from. */
  leftovers: R[]
}

/** What there is of a point of a sweep. @param runs of the library */
export function keptPoint<R extends PointRun>(runs: readonly R[], point: Point): KeptPoint<R> {
  const own = runsOfPoint(runs, point)
  return {
    done: finishedRun(own),
    running: own.find(({ state }) => state === 'running') ?? null,
    resumable: own.find(({ canResume }) => canResume) ?? null,
    leftovers: own.filter(
      ({ state, canResume }) => state !== 'finished' && state !== 'running' && !canResume,
    ),
  }
}
