/** A worker thread of the trainer: loads TensorFlow.js and runs one job after the other. What it is to Node is here. */
import { readFromDataFolder } from '../data/store'
import { parentPort, workerData } from 'node:worker_threads'
import { isWebGpu } from '../../shared/protocol/host-settings'
import type { JobEvent } from '../../shared/protocol/jobs'
import { loadBackend, readScripts, type Backend } from './backend'
import { findDawnGpu } from './backend/dawn'
import { deviceStatus } from './engine/device-status'
import { limitMemory, readMemoryOf } from './engine/machine-memory'
import { lastNeeded, limitPool } from './engine/memory'
import { openLatch, waitAtLatch } from './latch'
import type { QueuedJob, WorkerData, WorkerMessage } from './messages'
import { nodeFolder } from './node-folder'
import { memoryOfJobs } from './node-memory'
import { theoriesFrom } from './theory-channel'
import { outcomeOf } from './work'

const GIB = 2 ** 30

const port = parentPort!
const send = (message: WorkerMessage) => port.postMessage(message)

void begin(workerData as WorkerData)

async function begin({ library, settings, pool, theories, running, loaded }: WorkerData): Promise<void> {
  openLatch(running)
  readFromDataFolder()
  const askTheories = theoriesFrom(theories)
  const isGpu = isWebGpu(settings.device)
  if (!isGpu) readScripts()
  waitAtLatch(loaded)
  const backend = isGpu
    ? await gpuBackend(settings.device === 'webgpu-software')
    : loadBackend({ library, ...settings })
  if (!backend) return
  const memory = memoryOfJobs(() => backend.tf.memory().numBytes)
  readMemoryOf(memory.system)
  limitMemory(settings.memory === null ? null : settings.memory * GIB)
  // A GPU's networks do not live in it.
  limitPool(backend.kind === 'tensorflow' && !backend.gpuMemory ? pool : null)
  send({ type: 'ready', device: deviceStatus(backend) })
  port.on('message', async ({ id, control, job, place }: QueuedJob) => {
    memory.begin()
    const emit = (event: JobEvent) => send({ type: 'event', id, event })
    const folder = place && nodeFolder(place)
    const outcome = await outcomeOf(job, { backend, control, emit, place: folder, askTheories })
    memory.ended(lastNeeded())
    send({ id, ...outcome })
  })
}

/** Null: there is none, and the host has been told: TensorFlow's library goes into another process than Dawn. */
async function gpuBackend(allowsSoftware: boolean): Promise<Backend | null> {
  const found = await findDawnGpu(allowsSoftware)
  if ('refused' in found) {
    send({ type: 'without-gpu', isLost: false, why: found.refused })
    return null
  }
  void found.lost.then((why) => send({ type: 'without-gpu', isLost: true, why }))
  return found.backend
}
