import { Progress } from '../../trainer/engine/progress'
import { TASK_WORDS, inThread, type CountingTask, type ThreadGiven, type ThreadValue } from '../lab/in-thread'
import type { MadeRun } from '../../runs/recorder'
import { keepMade, type Keep } from './keep'
import { Stopped, clearProgress, showProgress } from './job'

/**
 * What the command computes itself, in a thread, so that Ctrl+C is heard; progress goes to standard error.
 * @param networks how many the task measures; 0: it tells of none
 * @param onPart told each part as soon as it is measured: what Ctrl+C leaves
 * @throws InputError, Stopped
 */
export function inCommandThread<N extends CountingTask>(
  name: N,
  given: ThreadGiven<N>,
  networks = 0,
  onPart: (part: ThreadValue<N>[number]) => void = () => {},
): Promise<ThreadValue<N>> {
  const progress = new Progress(networks, 'networks', showProgress)
  return untilInterrupted((signal) => {
    const onNetwork = () => progress.tick(TASK_WORDS[name])
    return inThread(name, given, { onNetwork, onPart: onPart as (part: unknown) => void, signal })
  })
}

/** Work that Ctrl+C ends. @param work rejects with its signal's reason @throws Stopped */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController()
  const stop = () => interrupted.abort(new Stopped())
  process.on('SIGINT', stop)
  try {
    return await work(interrupted.signal)
  } finally {
    process.off('SIGINT', stop)
    clearProgress()
  }
}

/** The parts that are measured before Ctrl+C, if it comes; where none is, it is thrown. */
export async function untilStopped<Part>(
  measure: (onPart: (part: Part) => void) => Promise<Part[]>,
): Promise<{ parts: Part[]; stopped: Stopped | null }> {
  const parts: Part[] = []
  try {
    return { parts: await measure((part) => parts.push(part)), stopped: null }
  } catch (error) {
    if (error instanceof Stopped && parts.length) return { parts, stopped: error }
    throw error
  }
}

/**
 * What was put together of the parts, as a run.
 * @param stopped what Ctrl+C has thrown; thrown again once what was measured is kept
 * @returns the run's id; null where it is not kept
 */
export async function keepParts(
  keep: Keep,
  made: Omit<MadeRun, 'name'>,
  stopped: Stopped | null,
): Promise<string | null> {
  const run = await keepMade(keep, made)
  if (stopped && run) process.stderr.write(`What was measured is kept as ${run}.\n`)
  if (stopped) throw stopped
  return run
}
