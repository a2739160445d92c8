import type { JobBody, JobReply, JobType } from '../../../shared/protocol/jobs'
import type { DeviceStatus, ProgressEvent, Response } from '../../../shared/protocol/protocol'
import type { Recorder } from '../../runs/recorder'
import type { Again } from '../../runs/verify'
import { Progress } from '../../trainer/engine/progress'
import type { Asker } from './front-end'
import { TASK_WORDS, inThread, type CountingTask } from './in-thread'
import type { JobTaker } from './trainers'

/**
 * What does a run again on a host's trainer, and in threads beside it, until the signal ends these.
 * @param asked the request that asks for it. It is no job itself: its jobs are stopped by its id.
 */
export function againFor(
  { id, from, tell }: Asker,
  signal: AbortSignal,
  record: Recorder['record'],
  trainer: JobTaker,
): Again {
  const job = <T extends JobType>(body: JobBody<T>, { done, jobs }: { done: number; jobs: number }) =>
    new Promise<{ device: DeviceStatus; result: JobReply<T> }>((resolve, reject) => {
      let device: DeviceStatus
      const hear = (response: Response) => {
        if (response.kind === 'error') return reject(new Error(response.error.message))
        if (response.kind === 'reply') return resolve({ device, result: response.value as JobReply<T> })
        if ('device' in response.event) device = response.event.device
        if (response.event.type === 'progress') tell(partOf(response.event, done, jobs))
      }
      record(
        { kind: 'request', id, body: body as JobBody },
        hear,
        (request, place, answer) => trainer.request(from, request, answer, place),
        () => true,
        from,
      )
    })
  const followed = (name: CountingTask, networks: number) => {
    const progress = new Progress(networks, 'networks', tell)
    return { signal, onNetwork: () => progress.tick(TASK_WORDS[name]) }
  }
  return {
    job,
    paths: (given, networks) => inThread('paths', given, followed('paths', networks)),
    trainedPaths: (given, networks) => inThread('trainedPaths', given, followed('trainedPaths', networks)),
    regions: (given) => inThread('regions', given, followed('regions', given.networks)),
  }
}

/** How far all jobs of a run are, of which so many are done; how long the others take is not known. */
function partOf(own: ProgressEvent, done: number, jobs: number): ProgressEvent {
  if (jobs === 1) return own
  const share = own.done / Math.max(1, own.total)
  const message = `${done + 1} of ${jobs}: ${own.message}`
  return { ...own, message, done: done + share, total: jobs, rate: null, secondsLeft: null }
}
