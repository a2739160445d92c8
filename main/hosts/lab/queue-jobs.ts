import * as path from 'node:path'
import type { JobBody, JobReply } from '../../../shared/protocol/jobs'
import type { DeviceStatus, Response } from '../../../shared/protocol/protocol'
import { isTrainingKind } from '../../../shared/runs/run'
import { JobFailed, type JobOptions, type QueueTools } from '../../queue/carry-out'
import type { Recorder } from '../../runs/recorder'
import type { JobTaker } from './trainers'

/** The queue's jobs, done by a host's trainer and kept by its recorder. */
export function createQueueJobs(record: Recorder['record'], trainer: JobTaker): QueueTools['job'] {
  const owner = {}
  let count = 0

  return (body: JobBody, { signal, onBegun, onEvent }: JobOptions) =>
    new Promise<{ device: DeviceStatus | null; reply: JobReply }>((resolve, reject) => {
      const id = String(++count)
      let device: DeviceStatus | null = null
      const stop = () => {
        // What was measured by halves is no run; what was trained is gone on with.
        const keep = isTrainingKind(body.type)
        const control = { type: 'control', job: id, action: 'stop', keep } as const
        pass({ kind: 'request', id: `stop ${id}`, body: control }, () => {})
      }
      const hear = (response: Response) => {
        if (response.kind === 'event') {
          if ('device' in response.event) device = response.event.device
          return onEvent?.(response.event)
        }
        signal.removeEventListener('abort', stop)
        if (response.kind === 'reply') return resolve({ device, reply: response.value as JobReply })
        const { message, reason } = response.error
        reject(new JobFailed(message, reason, reason === 'failed' && trainer.notice.state === 'failed'))
      }
      const pass = (request: Parameters<Recorder['record']>[0], answer: (response: Response) => void) =>
        record(
          request,
          answer,
          (one, place, told) => {
            if (place && !place.isReadOnly) onBegun?.(path.basename(place.folder))
            trainer.request(owner, one as Parameters<JobTaker['request']>[1], told, place)
          },
          () => true,
          owner,
        )
      signal.addEventListener('abort', stop, { once: true })
      pass({ kind: 'request', id, body }, hear)
      if (signal.aborted) stop()
    })
}
