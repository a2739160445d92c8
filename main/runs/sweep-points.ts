import { messageOf } from '../../shared/base/errors'
import { keptPoint } from '../../shared/sweep/kept'
import { SweepPace } from '../../shared/sweep/pace'
import { pointWords, type SweepPoint } from '../../shared/sweep/points'
import type { RunSweep } from '../../shared/sweep/run-sweep'
import type { RunLibrary } from './library'

/** A point with what its result depends on, see `pointKey`. */
interface KeyedPoint extends SweepPoint {
  key: string
}

/** What the run of a point is called, and says of its sweep. */
export interface PointKeep {
  keep: true
  name?: string
  sweep: RunSweep
}

/** Who does the points of a sweep, and hears of them. */
export interface PointDoer<P> {
  /**
   * Does one point, and keeps it.
   * @param resume id of a training that is gone on with; null: it begins
   * @returns the run's id; null: it could not be kept
   */
  doPoint(point: P, keep: PointKeep, resume: string | null): Promise<string | null>
  /** Before each point. @throws to end the sweep there */
  onBegin?(point: P, place: number, pace: SweepPace): void
  /**
   * After each. @param words the run's id, with what is new about it; or why there is none
   * @param seconds that it took; null where it failed
   */
  onEnd?(point: P, words: string, seconds: number | null, pace: SweepPace): void
  /** Whether nothing more can be done after this: other points are done after one that failed. */
  isEnd(error: unknown): boolean
}

/** Nothing that is done would be there afterwards. */
export class NotKept extends Error {}

/**
 * Does points of a sweep in turn, but those that the library holds by then; trainings that were cut short are gone on
 * with. A point that fails leaves the others.
 * @param sweep its id, its name (null: none), and the number of all its points
 * @returns of each point that failed, why
 * @throws what `isEnd` says ends it; NotKept
 */
export async function doSweepPoints<P extends KeyedPoint>(
  sweep: { id: string; name: string | null; size: number },
  points: readonly P[],
  library: Pick<RunLibrary, 'list' | 'remove'>,
  doer: PointDoer<P>,
): Promise<Map<P, string>> {
  const problems = new Map<P, string>()
  const pace = new SweepPace(points.length)
  for (const [place, point] of points.entries()) {
    doer.onBegin?.(point, place, pace)
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    let words: string
    try {
      words = await doSweepPoint(sweep, point, library, doer)
    } catch (error) {
      if (error instanceof NotKept || doer.isEnd(error)) throw error
      words = messageOf(error)
      problems.set(point, words)
    }
    const took = seconds()
    pace.tick(took)
    doer.onEnd?.(point, words, problems.has(point) ? null : took, pace)
  }
  return problems
}

async function doSweepPoint<P extends KeyedPoint>(
  { id, name, size }: { id: string; name: string | null; size: number },
  point: P,
  library: Pick<RunLibrary, 'list' | 'remove'>,
  { doPoint }: PointDoer<P>,
): Promise<string> {
  const { index, settings, key } = point
  const { done, running, resumable, leftovers } = keptPoint(library.list().runs, { id, index, key })
  if (done) return `${done.id}, which another process has kept meanwhile`
  if (running) return `${running.id}, which another process is at`
  const keep: PointKeep = {
    keep: true,
    sweep: { id, name, index, points: size, key, settings },
    ...(name !== null && { name: `${name}, ${pointWords(settings)}` }),
  }
  const run = await doPoint(point, keep, resumable?.id ?? null)
  if (run === null) throw new NotKept('The sweep has ended, since its results cannot be kept.')
  // What was cut short has been done again.
  if (leftovers.length) await library.remove(leftovers.map((one) => one.id))
  return `${run}${resumable ? ', which was gone on with' : ''}`
}
