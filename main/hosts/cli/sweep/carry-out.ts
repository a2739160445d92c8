import { formatDuration } from '../../../../shared/base/format'
import { messageOf } from '../../../../shared/base/errors'
import type { RunEntry } from '../../../../shared/runs/run'
import { keptPoint, keptPoints } from '../../../../shared/sweep/kept'
import { SweepPace } from '../../../../shared/sweep/pace'
import { pointWords } from '../../../../shared/sweep/points'
import type { RunLibrary } from '../../../runs/library'
import { Stopped, clearProgress, withTrainer, type RunJob } from '../job'
import { openLibrary, type Keep } from '../keep'
import { oneLine } from '../options'
import type { PlannedPoint, SweepPlan } from './plan'

/** A point of the shard, and what has become of it. */
export interface SweptPoint extends PlannedPoint {
  /** Null: there is none, and `problem` says why. */
  run: RunEntry | null
  problem: string | null
}

/**
 * Does the points of a shard in turn, but those that the library holds already; each is kept as a run as soon as it is
 * done. A point that fails is said so, and the others are done all the same. Progress goes to standard error.
 * @throws Stopped with what was done kept; Error where results cannot be kept
 */
export async function carryOutSweep(plan: SweepPlan): Promise<SweptPoint[]> {
  const library = openLibrary()
  const interrupted = new AbortController()
  const stop = () => interrupted.abort()
  process.on('SIGINT', stop)
  const keptNow = () => {
    const kept = keptPoints(library.list().runs, plan.id)
    return plan.points.filter((point) => kept(point).done)
  }
  try {
    const before = new Set(keptNow())
    if (before.size) tell(`${ofPoints(before.size, plan)} kept already.`)
    const left = plan.points.filter((point) => !before.has(point))
    const problems = await withTrainer((job) => doPoints(plan, left, library, job, interrupted.signal))
    const kept = keptPoints(library.list().runs, plan.id)
    return plan.points.map((point) => {
      const { done, running } = kept(point)
      const problem = problems.get(point) ?? (running && `another process is at it, as ${running.id}`)
      return { ...point, run: done, problem: done ? null : problem }
    })
  } catch (error) {
    if (error instanceof Stopped)
      tell(`${ofPoints(keptNow().length, plan)} kept; the same command does the others.`)
    throw error
  } finally {
    process.off('SIGINT', stop)
    await library.close()
  }
}

/** @returns of each point that failed, why */
async function doPoints(
  plan: SweepPlan,
  left: readonly PlannedPoint[],
  library: RunLibrary,
  job: RunJob,
  interrupted: AbortSignal,
): Promise<Map<PlannedPoint, string>> {
  const problems = new Map<PlannedPoint, string>()
  const pace = new SweepPace(left.length)
  for (const point of left) {
    if (interrupted.aborted) throw new Stopped()
    const place = `Point ${point.index + 1} of ${plan.size}, ${pointWords(point.settings)}`
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    try {
      const run = await doPoint(plan, point, library, job)
      const took = seconds()
      pace.tick(took)
      tell(`${place}: ${run} (${formatDuration(took)}${pace.words})`)
    } catch (error) {
      if (error instanceof Stopped || error instanceof NotKept) throw error
      const problem = oneLine(messageOf(error))
      problems.set(point, problem)
      pace.tick(seconds())
      tell(`${place}: ${problem}`)
    }
  }
  return problems
}

/** Nothing that is done now would be there afterwards. */
class NotKept extends Error {}

/** @returns the id of the run, in words with what is new about it */
async function doPoint(
  { id, name, size }: SweepPlan,
  point: PlannedPoint,
  library: RunLibrary,
  job: RunJob,
): Promise<string> {
  const { index, settings, key, asked } = point
  const { done, running, resumable, leftovers } = keptPoint(library.list().runs, { id, index, key })
  if (done) return `${done.id}, which another process has kept meanwhile`
  if (running) return `${running.id}, which another process is at`
  const keep: Keep = {
    keep: true,
    sweep: { id, name, index, points: size, key, settings },
    ...(name !== null && { name: `${name}, ${pointWords(settings)}` }),
  }
  const { run } = await asked.carryOut(keep, resumable ? goingOn(job, resumable.id) : job)
  if (run === null) throw new NotKept('The sweep has ended, since its results cannot be kept.')
  // What was cut short has been done again.
  if (leftovers.length) await library.remove(leftovers.map((one) => one.id))
  return `${run}${resumable ? ', which was gone on with' : ''}`
}

/** A training from where it was when it was cut short. */
const goingOn =
  (job: RunJob, id: string): RunJob =>
  (type, settings, ...rest) =>
    job(type, { ...settings, resume: id }, ...rest)

function tell(line: string): void {
  clearProgress()
  process.stderr.write(`${line}\n`)
}

/** "5 of 16 points are" */
const ofPoints = (count: number, { points }: SweepPlan) =>
  `${count} of ${points.length} points ${count === 1 ? 'is' : 'are'}`
