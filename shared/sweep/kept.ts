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
export const keptPoint = <R extends PointRun>(runs: readonly R[], point: Point): KeptPoint<R> =>
  keptOf(runsOfPoint(runs, point))

/**
 * What there is of each point of a sweep. The library is gone through once, however many points are looked up.
 * @param runs of the library
 */
export function keptPoints<R extends PointRun>(
  runs: readonly R[],
  id: string,
): (point: Pick<Point, 'index' | 'key'>) => KeptPoint<R> {
  const byPoint = new Map<string, R[]>()
  for (const run of runs) {
    if (run.removed !== null || run.sweep?.id !== id) continue
    const own = byPoint.get(placeOf(run.sweep))
    if (own) own.push(run)
    else byPoint.set(placeOf(run.sweep), [run])
  }
  return (point) => keptOf(byPoint.get(placeOf(point)) ?? [])
}

const placeOf = ({ index, key }: Pick<Point, 'index' | 'key'>) => `${index} ${key}`

const keptOf = <R extends PointRun>(ofPoint: readonly R[]): KeptPoint<R> => ({
  done: finishedRun(ofPoint),
  running: ofPoint.find(({ state }) => state === 'running') ?? null,
  resumable: ofPoint.find(({ canResume }) => canResume) ?? null,
  leftovers: ofPoint.filter(
    ({ state, canResume }) => state !== 'finished' && state !== 'running' && !canResume,
  ),
})
