import { Progress } from '../../trainer/engine/progress'
import { inThread } from '../lab/in-thread'
import type { ThreadTasks } from '../lab/thread'
import { Stopped, clearProgress, showProgress } from './job'

type Answer<N extends keyof ThreadTasks> = ReturnType<ThreadTasks[N]>

/**
 * What the command computes itself, in a thread, so that Ctrl+C is heard; progress goes to standard error.
 * @param networks how many the task measures; 0: it tells of none
 * @param onPart told each series as soon as it is measured: what Ctrl+C leaves
 * @throws InputError, Stopped
 */
export async function inCommandThread<N extends keyof ThreadTasks>(
  name: N,
  given: Parameters<ThreadTasks[N]>[0],
  networks = 0,
  onPart: (part: Answer<N>[number]) => void = () => {},
): Promise<Answer<N>> {
  const progress = new Progress(networks, 'networks', showProgress)
  const interrupted = new AbortController()
  const stop = () => interrupted.abort(new Stopped())
  process.on('SIGINT', stop)
  try {
    const onNetwork = () => progress.tick('Measuring paths')
    const options = { onNetwork, onPart: onPart as (part: unknown) => void, signal: interrupted.signal }
    return await inThread(name, given, options)
  } finally {
    process.off('SIGINT', stop)
    clearProgress()
  }
}
