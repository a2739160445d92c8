/** A worker thread of the trainer: loads TensorFlow.js and runs one job after the other. What it is to Node is here. */
import { readFromDataFolder } from '../data/store'
import { parentPort, workerData } from 'node:worker_threads'
import type { JobEvent } from '../../shared/protocol/jobs'
import { loadBackend } from './backend'
import { deviceStatus } from './engine/device-status'
import { limitMemory } from './engine/machine-memory'
import type { QueuedJob, WorkerData, WorkerMessage } from './messages'
import { nodeFolder } from './node-folder'
import { theoriesFrom } from './theory-channel'
import { outcomeOf } from './work'

const GIB = 2 ** 30

const port = parentPort!
const send = (message: WorkerMessage) => port.postMessage(message)

const { library, settings, theories } = workerData as WorkerData
limitMemory(settings.memory === null ? null : settings.memory * GIB)
readFromDataFolder()
const askTheories = theoriesFrom(theories)
const backend = loadBackend({ library, ...settings })
send({ type: 'ready', device: deviceStatus(backend) })

port.on('message', async ({ id, control, job, place }: QueuedJob) => {
  const emit = (event: JobEvent) => send({ type: 'event', id, event })
  const folder = place && nodeFolder(place)
  send({ id, ...(await outcomeOf(job, { backend, control, emit, place: folder, askTheories })) })
})
