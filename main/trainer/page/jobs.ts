/** The worker of the page that computes: a GPU by WebGPU, and one job after the other. */
import type { JobEvent } from '../../../shared/protocol/jobs'
import { findPageGpu } from '../backend/page-gpu'
import { deviceStatus } from '../engine/device-status'
import { limitMemory, readMemoryOf } from '../engine/machine-memory'
import type { QueuedJob, WorkerMessage } from '../messages'
import { outcomeOf } from '../work'
import { hostAt } from './asking'
import { beginOnce } from './begin'
import { readFromHost } from './data'
import { hostFolder } from './folder'
import { theoriesByMessages } from './theories'
import type { JobsStart } from './wire'

const GIB = 2 ** 30

beginOnce<JobsStart>(begin)

async function begin({ settings, queue, host, theories }: JobsStart): Promise<void> {
  const send = (message: WorkerMessage) => queue.postMessage(message)
  const ask = hostAt(host)
  const getData = readFromHost(ask)
  const askTheories = theoriesByMessages(theories)
  limitMemory(settings.memory === null ? null : settings.memory * GIB)
  const found = await findPageGpu(settings.device === 'webgpu-software')
  if ('refused' in found) return send({ type: 'without-gpu', isLost: false, why: found.refused })
  const { backend, lost } = found
  void lost.then((why) => send({ type: 'without-gpu', isLost: true, why }))
  send({ type: 'ready', device: deviceStatus(backend) })
  queue.onmessage = async ({ data }: MessageEvent<QueuedJob>) => {
    const { id, control, job, place } = data
    const memory = await ask('memory', null)
    readMemoryOf({
      free: () => memory.free,
      total: () => memory.total,
      limit: () => memory.limit,
      held: () => memory.held,
    })
    await getData(job.experiment)
    const emit = (event: JobEvent) => send({ type: 'event', id, event })
    const folder = place && hostFolder(ask, place)
    send({ id, ...(await outcomeOf(job, { backend, control, emit, place: folder, askTheories })) })
  }
}
