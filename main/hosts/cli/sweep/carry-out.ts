import { formatDuration } from '../../../../shared/base/format'
import type { RunEntry } from '../../../../shared/runs/run'
import { keptPoints } from '../../../../shared/sweep/kept'
import { pointWords } from '../../../../shared/sweep/points'
import type { RunLibrary } from '../../../runs/library'
import { doSweepPoints } from '../../../runs/sweep-points'
import { Stopped, clearProgress, withTrainer, type RunJob } from '../job'
import { openLibrary } from '../keep'
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
      const failure = problems.get(point)
      const problem =
        (failure && oneLine(failure)) ?? (running && `another process is at it, as ${running.id}`)
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
const doPoints = (
  plan: SweepPlan,
  left: readonly PlannedPoint[],
  library: RunLibrary,
  job: RunJob,
  interrupted: AbortSignal,
): Promise<Map<PlannedPoint, string>> =>
  doSweepPoints(plan, left, library, {
    async doPoint({ asked }, keep, resume) {
      const { run } = await asked.carryOut(keep, resume === null ? job : goingOn(job, resume))
      return run
    },
    onBegin() {
      if (interrupted.aborted) throw new Stopped()
    },
    onEnd({ index, settings }, words, seconds, pace) {
      const took = seconds === null ? '' : ` (${formatDuration(seconds)}${pace.words})`
      tell(`Point ${index + 1} of ${plan.size}, ${pointWords(settings)}: ${oneLine(words)}${took}`)
    },
    isEnd: (error) => error instanceof Stopped,
  })

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
