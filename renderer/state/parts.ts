import type { JobType, LabEvent, ProgressEvent, Replies, RequestBody } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'
import { Closed, type Argument, type Compute, type Result } from '../compute/compute'
import type { TaskName } from '../compute/tasks'
import { Ended, type TaskRun } from './task.svelte'

/** The two places where a run has its parts worked out: the trainer, and the page's own worker. */

interface Listeners {
  onEvent?: (event: LabEvent) => void
  /** Takes the job's progress in place of the run. */
  onProgress?: (progress: ProgressEvent) => void
  /** Whether what a stop leaves half done is for nobody, and becomes no run. */
  wantsWhole?: boolean
}

/**
 * A job of the trainer. `finished: false` in its reply: it was stopped on the way. It becomes a run of the library
 * unless the user has switched that off, it says otherwise itself, or a newer one supersedes it.
 * @throws RequestError, Ended
 */
export function trainerJob<T extends JobType>(
  run: TaskRun,
  connection: Connection,
  body: Extract<RequestBody, { type: T }>,
  { onEvent = () => {}, onProgress = run.report, wantsWhole = false }: Listeners = {},
): Promise<Replies[T]> {
  return run.part(() => {
    // Messages are cloned: Svelte's proxies are not plain values.
    const plain = JSON.parse(JSON.stringify({ keep: connection.keepsRuns, ...body })) as typeof body
    const { id, reply } = connection.start<T>(plain, (event) => {
      if (run.isDropped) return
      if (event.type === 'progress') onProgress(event)
      else onEvent(event)
    })
    const control = (action: 'pause' | 'resume' | 'step' | 'stop') => {
      // A job that has just ended is no longer there to be controlled; its own reply says how it ended.
      const keep = action === 'stop' && (run.isDropped || wantsWhole) ? false : undefined
      connection.request({ type: 'control', job: id, action, keep }).catch(() => {})
    }
    return { result: reply, control, end: () => control('stop') }
  })
}

/** One task of the page's worker; to end it, the worker is closed. @throws Ended, and what the task itself throws */
export function pageJob<N extends TaskName>(
  run: TaskRun,
  compute: Compute,
  name: N,
  argument: Argument<N>,
  report: (value: unknown) => void = () => {},
): Promise<Result<N>> {
  return run.part(() => ({
    result: compute
      .run(name, argument, (value) => run.isDropped || report(value))
      .catch((error: unknown) => {
        throw error instanceof Closed ? new Ended() : error
      }),
    end: () => compute.close(),
  }))
}
