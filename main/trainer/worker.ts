/** A worker thread of the trainer: loads TensorFlow.js and runs one job after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { InputError } from '../../shared/base/errors'
import type { ErrorDetail, JobType, LabEvent, Replies } from '../../shared/protocol/protocol'
import { loadBackend } from './backend'
import { measureLesion } from './engine/lesion'
import { measureShatter } from './engine/shatter'
import { deviceStatus, measureSignal } from './engine/signal'
import { trainNetworks } from './engine/train'
import type { Job, WorkerData, WorkerMessage } from './messages'

const port = parentPort!
const send = (message: WorkerMessage) => port.postMessage(message)

const { library } = workerData as WorkerData
const backend = loadBackend({ library })
send({ type: 'ready', device: deviceStatus(backend) })

port.on('message', (job: Job) => {
  const { id } = job
  const started = performance.now()
  const emit = (event: LabEvent) => send({ type: 'event', id, event })
  const seconds = () => (performance.now() - started) / 1000
  try {
    const result = execute(job, emit)
    send({ type: 'reply', id, value: { ...result, seconds: seconds() } as Replies[JobType] })
  } catch (error) {
    send({ type: 'error', id, error: describe(error) })
  }
})

function execute(job: Job, emit: (event: LabEvent) => void) {
  const { experiment, control } = job
  switch (job.type) {
    case 'signal':
      return measureSignal(backend, experiment, control, emit)
    case 'train':
      return trainNetworks(backend, experiment, control, emit, { weights: job.weights })
    case 'lesion':
      return measureLesion(backend, experiment, job.set, job.training, control, emit)
    case 'shatter':
      return measureShatter(backend, experiment, job.settings, control, emit)
  }
}

function describe(error: unknown): ErrorDetail {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof InputError) return { message, reason: 'input' }
  const hint = /OOM|allocat|memory/i.test(message)
    ? 'Lower the depth, the width, the batch or the replicas.'
    : 'Press play to try again; if it happens again, please report it with the experiment file.'
  return { message: `The measurement failed: ${message.split('\n')[0]} ${hint}`, reason: 'failed' }
}
