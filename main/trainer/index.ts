/**
 * The trainer: a process whose worker threads run TensorFlow.js, so that a native crash takes nothing else
 * along. This thread never computes: it answers at once, keeps the queue and passes orders on through shared
 * memory.
 */
import * as os from 'node:os'
import * as path from 'node:path'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { InputError, messageOf } from '../../shared/base/errors'
import { isTrainingKind } from '../../shared/runs/run'
import { isWebGpu } from '../../shared/protocol/host-settings'
import { isJob, prepareJob, unstarted, type JobEvent } from '../../shared/protocol/jobs'
import type {
  ErrorDetail,
  MemoryQuestion,
  MemoryReport,
  Message,
  ProgressEvent,
  TrainerRequest,
  WithoutGpu,
} from '../../shared/protocol/protocol'
import { preloadBinding } from './backend'
import { command, createControl } from './engine/control'
import type { Configuration, QueuedJob, WorkerData, WorkerMessage } from './messages'
import { hostPort } from './port'
import type { TheoryThreadData } from './theory-channel'

type Incoming = Configuration | MemoryQuestion | TrainerRequest

const host = hostPort()
const send = (message: Message | MemoryReport | WithoutGpu) => host.send(message)
const fail = (id: string, message: string, reason: ErrorDetail['reason']) =>
  send({ kind: 'error', id, error: { message, reason } })

let worker: Worker | null = null
let isBackground = false
let running: QueuedJob | null = null
const queue: QueuedJob[] = []

host.onMessage((message) => receive(message as Incoming))

function receive(message: Incoming): void {
  if (message.kind === 'configure') return configure(message)
  if (message.kind === 'memory') {
    const isBusy = running !== null || queue.length > 0
    return send({ kind: 'memory', bytes: process.memoryUsage.rss(), isBusy })
  }
  const { id, body, place } = message
  if (body.type === 'control') return control(id, body.job, body.action)
  if (!isJob(body)) return fail(id, `The trainer does not answer "${body.type}".`, 'failed')
  try {
    queue.push({ id, control: createControl(), job: prepareJob(body), place })
    if (running) tellWaiting(id)
    next()
  } catch (error) {
    // Whatever cannot be done concerns this request alone: other tabs' jobs go on.
    fail(id, messageOf(error), error instanceof InputError ? 'input' : 'failed')
  }
}

/** Another run comes first, perhaps of another tab of the same window: whoever waits should know. */
function tellWaiting(id: string): void {
  const message = `Waiting for another run to end: of a tab, a window or a command.${separateHint(id)}`
  const event: ProgressEvent = {
    type: 'progress',
    message,
    done: 0,
    total: 1,
    rate: null,
    unit: '',
    secondsLeft: null,
  }
  send({ kind: 'event', id, event })
}

/** What would let a measurement run now, where a training holds it up. */
function separateHint(id: string): string {
  const isMeasurement = !isTrainingKind(queue.find((job) => job.id === id)?.job.type ?? '')
  if (isBackground || !isMeasurement || !running || !isTrainingKind(running.job.type)) return ''
  return ' In the settings, trainings can be given a process of their own.'
}

/** Once, before anything else. */
function configure({ library, settings, ...configured }: Configuration): void {
  isBackground = configured.isBackground
  if (isBackground) giveWay()
  // A binding that a worker is the first to load takes the process down at exit; the main thread loads it first.
  // Dawn has the process for itself: two libraries with compilers of their own do not live in one.
  if (!isWebGpu(settings.device)) preloadBinding({ library, ...settings })
  const { port1, port2 } = new MessageChannel()
  startThread<TheoryThreadData>('theory.cjs', { port: port1 }, port1)
  worker = startThread<WorkerData>('worker.cjs', { library, settings, theories: port2 }, port2)
  worker.on('message', fromWorker)
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

function fromWorker(message: WorkerMessage): void {
  switch (message.type) {
    case 'ready':
      return send({
        kind: 'notice',
        type: 'trainer',
        state: 'ready',
        device: message.device,
        message: message.device.description,
        progress: null,
      })
    case 'without-gpu':
      return send({ kind: 'without-gpu', isLost: message.isLost, why: message.why })
    case 'event':
      return send({ kind: 'event', id: message.id, event: withMemory(message.event) })
    case 'reply':
      finished()
      return send({ kind: 'reply', id: message.id, value: message.value })
    case 'error':
      finished()
      return send({ kind: 'error', id: message.id, error: message.error })
    default:
      throw new Error(`The worker sent something unknown: ${JSON.stringify(message)}`)
  }
}

/** How far work is, with what this process takes for it. */
const withMemory = (event: JobEvent): JobEvent =>
  event.type === 'progress' ? { ...event, bytes: process.memoryUsage.rss() } : event

function finished(): void {
  running = null
  next()
}

function next(): void {
  if (running || !worker) return
  running = queue.shift() ?? null
  if (running) worker.postMessage(running)
}

function control(id: string, job: string, action: 'pause' | 'resume' | 'step' | 'stop'): void {
  const waiting = queue.findIndex((queued) => queued.id === job)
  if (running?.id === job) command(running.control, action)
  else if (waiting >= 0 && action === 'stop') {
    const [stopped] = queue.splice(waiting, 1)
    send({ kind: 'reply', id: job, value: unstarted(stopped.job.type) })
  } else if (waiting >= 0) command(queue[waiting].control, action)
  send({ kind: 'reply', id, value: null })
}
