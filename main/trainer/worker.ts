/** A worker thread of the trainer: loads TensorFlow.js and runs one job after the other. */
import { readFromDataFolder } from '../data/store'
import { parentPort, workerData } from 'node:worker_threads'
import { InputError, messageOf } from '../../shared/base/errors'
import type { ErrorDetail, LabEvent } from '../../shared/protocol/protocol'
import { loadBackend } from './backend'
import { deviceStatus } from './engine/device-status'
import { limitMemory } from './engine/machine-memory'
import { runJob } from './jobs'
import type { QueuedJob, WorkerData, WorkerMessage } from './messages'

const GIB = 2 ** 30

const port = parentPort!
const send = (message: WorkerMessage) => port.postMessage(message)

const { library, settings } = workerData as WorkerData
limitMemory(settings.memory === null ? null : settings.memory * GIB)
readFromDataFolder()
const backend = loadBackend({ library, ...settings })
send({ type: 'ready', device: deviceStatus(backend) })

port.on('message', ({ id, control, job, place }: QueuedJob) => {
  const started = performance.now()
  const emit = (event: LabEvent) => send({ type: 'event', id, event })
  try {
    const result = runJob(job, { backend, control, emit, place })
    const seconds = (performance.now() - started) / 1000
    send({ type: 'reply', id, value: { ...result, seconds } })
  } catch (error) {
    send({ type: 'error', id, error: describe(error) })
  }
})

function describe(error: unknown): ErrorDetail {
  const message = messageOf(error)
  if (error instanceof InputError) return { message, reason: 'input' }
  const hint = /OOM|allocat|memory/i.test(message)
    ? 'Lower the depth, the width, the batch or the replicas.'
    : 'Try again; if it happens again, please report it with the experiment file.'
  return { message: `The measurement failed: ${message.split('\n')[0]} ${hint}`, reason: 'failed' }
}
