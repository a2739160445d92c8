import type {
  DeviceStatus,
  JobType,
  LabEvent,
  ProgressEvent,
  Replies,
  RequestBody,
} from '../../shared/protocol/protocol'
import { RequestError, type Connection } from '../base/connection'

export type JobStatus = 'idle' | 'running' | 'failed' | 'interrupted'

/**
 * One of the trainer's jobs as a view sees it: what was asked for, how far it is, what it found. A newer request supersedes the older, whose
 * result is dropped; what was found before stays until there is something newer.
 */
export class JobState<T extends JobType> {
  onDevice: (device: DeviceStatus) => void = () => {}

  #status = $state<JobStatus>('idle')
  #progress = $state.raw<ProgressEvent | null>(null)
  #error = $state.raw<Error | null>(null)
  #reply = $state.raw<Replies[T] | null>(null)
  /** What the reply answers. */
  #answered = $state.raw<Extract<RequestBody, { type: T }> | null>(null)
  #generation = 0
  #job: { id: string; settled: Promise<void> } | null = null

  constructor(private readonly connection: Connection) {}

  get status(): JobStatus {
    return this.#status
  }
  get isRunning(): boolean {
    return this.#status === 'running'
  }
  get progress(): ProgressEvent | null {
    return this.#progress
  }
  get error(): Error | null {
    return this.#error
  }
  /** The newest result; null before the first. `finished: false` in it: stopped on the way. */
  get reply(): Replies[T] | null {
    return this.#reply
  }
  get answered(): Extract<RequestBody, { type: T }> | null {
    return this.#answered
  }

  /** Resolves when the job has ended, however it did; `error` then says why it failed. */
  async start(body: Extract<RequestBody, { type: T }>, onEvent?: (event: LabEvent) => void): Promise<void> {
    const generation = ++this.#generation
    this.#status = 'running'
    this.#error = null
    this.#progress = null
    if (this.#job) {
      this.#control()
      await this.#job.settled
      if (generation !== this.#generation) return
    }
    // Messages are cloned: Svelte's proxies are not plain values.
    const plain = JSON.parse(JSON.stringify(body)) as Extract<RequestBody, { type: T }>
    const { id, reply } = this.connection.start<T>(plain, (event) => {
      if (generation !== this.#generation) return
      if (event.type === 'progress') this.#progress = event
      else if ('device' in event) this.onDevice(event.device)
      onEvent?.(event)
    })
    const settled = reply.then(
      (value) => this.#settle(generation, null, { body: plain, value }),
      (error: Error) => this.#settle(generation, error, null),
    )
    this.#job = { id, settled }
    return settled
  }

  /** Ends the job; what it had found by then arrives as its reply. */
  stop(): void {
    if (this.isRunning) this.#control()
  }

  #control() {
    if (!this.#job) return
    // A job that has just ended is no longer there to be controlled; its own reply says how it ended.
    this.connection.request({ type: 'control', job: this.#job.id, action: 'stop' }).catch(() => {})
  }

  #settle(
    generation: number,
    error: Error | null,
    result: { body: Extract<RequestBody, { type: T }>; value: Replies[T] } | null,
  ) {
    this.#job = null
    if (generation !== this.#generation) return
    this.#progress = null
    this.#error = error
    if (result) [this.#reply, this.#answered] = [result.value, result.body]
    const isInterrupted = error instanceof RequestError && error.reason === 'interrupted'
    this.#status = !error ? 'idle' : isInterrupted ? 'interrupted' : 'failed'
  }
}
