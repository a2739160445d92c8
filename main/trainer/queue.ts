import { InputError, messageOf } from '../../shared/base/errors'
import type { GpuUse, WholeGpuUse } from '../../shared/runs/computed'
import { isTrainingKind } from '../../shared/runs/run'
import { isJob, prepareJob, unstarted, type JobEvent } from '../../shared/protocol/jobs'
import type {
  BeyondPool,
  DeviceStatus,
  ErrorDetail,
  MemoryQuestion,
  MemoryReport,
  Message,
  ProgressEvent,
  TrainerRequest,
  WithoutGpu,
} from '../../shared/protocol/protocol'
import { command, createControl, isPaused } from './engine/control'
import type { Configuration, QueuedJob, WorkerMessage } from './messages'

/** What the host says to a trainer. */
export type FromHost = Configuration | MemoryQuestion | TrainerRequest

/** How busy the GPU of a job is, from its start to its end. */
export interface GpuWatch {
  /** The last reading; null: there is none yet. */
  readonly last: GpuUse | null
  /** Ends it. @returns over all readings; null: there was none */
  end(): WholeGpuUse | null
}

/** What the queue is part of: a process with threads, or a page with workers. */
export interface Surroundings {
  /** To the host. */
  send(message: Message | MemoryReport | WithoutGpu | BeyondPool): void
  /** Starts what runs one job after the other, and tells by `heard`. @returns hands it a job */
  start(configuration: Configuration, heard: (message: WorkerMessage) => void): (job: QueuedJob) => void
  /** Memory that all of it takes, in bytes; null where only the host can tell. */
  bytes(): number | null
  /**
   * Watches the GPU of a job; null: nothing tells of it. Left out: of none.
   * @param isPaused whether the job waits
   */
  watchGpu?: (device: DeviceStatus, isPaused: () => boolean) => GpuWatch | null
}

/**
 * The trainer's queue, one job at a time. It never computes: it answers at once, and passes orders on through shared
 * memory, since whoever computes reads no messages.
 * @returns takes what the host says
 */
export function createQueue({ send, start, bytes, watchGpu }: Surroundings): (message: FromHost) => void {
  const queue: QueuedJob[] = []
  let running: QueuedJob | null = null
  let run: ((job: QueuedJob) => void) | null = null
  let isBackground = false
  /** Null until one computes. */
  let device: DeviceStatus | null = null
  let watch: GpuWatch | null = null

  const fail = (id: string, message: string, reason: ErrorDetail['reason']) =>
    send({ kind: 'error', id, error: { message, reason } })

  function receive(message: FromHost): void {
    if (message.kind === 'configure') return configure(message)
    if (message.kind === 'memory') {
      const isBusy = running !== null || queue.length > 0
      return send({ kind: 'memory', bytes: bytes() ?? 0, isBusy })
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

  /** Once, before anything else. */
  function configure(configuration: Configuration): void {
    isBackground = configuration.isBackground
    run = start(configuration, heard)
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

  function heard(message: WorkerMessage): void {
    switch (message.type) {
      case 'ready':
        device = message.device
        watchRunning()
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
        return send({ kind: 'event', id: message.id, event: withUse(message.event) })
      case 'reply': {
        const gpu = finished()
        return send({ kind: 'reply', id: message.id, value: { ...message.value, ...(gpu && { gpu }) } })
      }
      case 'error':
        finished()
        return send({ kind: 'error', id: message.id, error: message.error })
      case 'beyond-pool':
        // Nothing else begins here: the host ends this process.
        return send({ kind: 'beyond-pool' })
      default:
        throw new Error(`The worker sent something unknown: ${JSON.stringify(message)}`)
    }
  }

  /** How far work is, with what it takes of the trainer's memory and of the GPU. */
  function withUse(event: JobEvent): JobEvent {
    if (event.type !== 'progress') return event
    const [taken, gpu] = [bytes(), watch?.last]
    return { ...event, ...(taken !== null && { bytes: taken }), ...(gpu && { gpu }) }
  }

  function watchRunning(): void {
    if (!running || !device || !watchGpu) return
    const { control } = running
    watch = watchGpu(device, () => isPaused(control))
  }

  /** @returns how busy the GPU was */
  function finished(): WholeGpuUse | null {
    const gpu = watch?.end() ?? null
    running = null
    watch = null
    next()
    return gpu
  }

  function next(): void {
    if (running || !run) return
    running = queue.shift() ?? null
    if (!running) return
    run(running)
    watchRunning()
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

  return receive
}
