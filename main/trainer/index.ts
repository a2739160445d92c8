/**
 * The trainer: a process whose worker threads run TensorFlow.js, so that a native crash takes nothing else along. This
 * thread has the queue, and never computes.
 */
import * as os from 'node:os'
import * as path from 'node:path'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { isWebGpu } from '../../shared/protocol/host-settings'
import { preloadBinding } from './backend'
import { usePool } from './backend/pool'
import { watchGpu } from './gpu-watch'
import { createLatch, openLatch, waitAtLatch } from './latch'
import type { Configuration, QueuedJob, WorkerData, WorkerMessage } from './messages'
import { hostPort } from './port'
import { createQueue, type FromHost } from './queue'
import type { TheoryThreadData } from './theory-channel'

/** After which a worker that does not start is not waited for. */
const START_MS = 2000

const host = hostPort()
const receive = createQueue({
  send: (message) => host.send(message),
  start: startThreads,
  bytes: () => process.memoryUsage.rss(),
  watchGpu,
})
host.onMessage((message) => receive(message as FromHost))

/** One that computes, and one for theory. */
function startThreads(
  { library, settings, isPooled, isBackground }: Configuration,
  heard: (message: WorkerMessage) => void,
): (job: QueuedJob) => void {
  if (isBackground) giveWay()
  const { port1, port2 } = new MessageChannel()
  const [running, loaded] = [createLatch(), createLatch()]
  const pool = isPooled ? usePool() : null
  const data = { library, settings, pool, theories: port2, running, loaded }
  const worker = startThread<WorkerData>('worker.cjs', data, port2)
  worker.on('message', heard)
  startThread<TheoryThreadData>('theory.cjs', { port: port1 }, port1)
  // A binding that a worker is the first to load takes the process down at exit; the main thread loads it first, while
  // the worker reads its scripts: a thread that is not yet running when a library is being loaded waits until it is.
  // Dawn has the process for itself: two libraries with compilers of their own do not live in one.
  if (!isWebGpu(settings.device)) {
    waitAtLatch(running, START_MS)
    preloadBinding({ library, ...settings })
  }
  openLatch(loaded)
  return (job) => worker.postMessage(job)
}

function startThread<Data>(file: string, workerData: Data, port: MessagePort): Worker {
  const thread = new Worker(path.join(__dirname, file), { workerData, transferList: [port] })
  // What escapes a job's own handling leaves the thread in an unknown state: the host starts a new trainer.
  thread.on('error', (error) => {
    console.error(error)
    process.exit(1)
  })
  return thread
}

/** Before any other thread is started: on Linux a priority is a thread's own, and those that it starts inherit it. */
function giveWay(): void {
  try {
    os.setPriority(os.constants.priority.PRIORITY_LOW)
  } catch {
    // Some systems let no program do so; then it shares the cores as an equal.
  }
}
