import { messageOf } from '../../shared/base/errors'
import type { DeviceStatus, Notice, ProgressEvent, RuntimeReply } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'

/** How getting TensorFlow's library goes, which the user has asked for. */
interface Install {
  progress: ProgressEvent | null
  problem: string | null
  running: boolean
}

/** The trainer as the host tells of it: what it computes on, and why it cannot. */
export class TrainerState {
  /** What it computes on; null until it is known. */
  device = $state.raw<DeviceStatus | null>(null)
  #note = $state<string | null>(null)
  #failure = $state<string | null>(null)
  #progress = $state<number | null>(null)
  #install = $state.raw<Install | null>(null)
  #runtime = $state.raw<RuntimeReply | null>(null)

  constructor(private readonly connection: Connection) {
    connection.onDevice = (device) => (this.device = device)
  }

  /** What the trainer is doing when it cannot compute. */
  get note(): string | null {
    return this.#note
  }
  /** Why the trainer does not start at all, and what to do; null when all is well. */
  get failure(): string | null {
    return this.#failure
  }
  /** How far getting TensorFlow's library is, 0 to 1; null when nothing is got. */
  get progress(): number | null {
    return this.#progress
  }
  get install(): Install | null {
    return this.#install
  }

  noticed({ state, device, message, progress }: Extract<Notice, { type: 'trainer' }>): void {
    if (device) this.device = device
    this.#failure = state === 'failed' ? message : null
    this.#note = state === 'ready' ? null : state === 'failed' ? 'none: nothing can be computed' : message
    this.#progress = progress
  }

  /** What is installed, and what could be; null until it has been asked for. */
  get runtime(): RuntimeReply | null {
    return this.#runtime
  }

  /** Asks what is installed; an installation that is under way, begun by whomever, is followed. */
  async loadRuntime(): Promise<void> {
    this.#runtime = await this.connection.request<'runtime.status'>({ type: 'runtime.status' })
    if (this.#runtime.installing && !this.#install?.running) void this.installRuntime()
  }

  /** Gets TensorFlow's library. @param what from a file that the host asks for, or the one for NVIDIA GPUs */
  async installRuntime(what: { from?: 'file'; gpu?: true } = {}): Promise<void> {
    const before = this.#install
    this.#install = { progress: null, problem: null, running: true }
    try {
      const onEvent = (event: { type: string }) => {
        if (event.type === 'progress')
          this.#install = { progress: event as ProgressEvent, problem: null, running: true }
      }
      const request = { type: 'runtime.install' as const, ...what }
      const reply = await this.connection.request<'runtime.install'>(request, onEvent)
      if (!reply) return void (this.#install = before)
      this.#runtime = reply
      this.#install = reply.problem
        ? { progress: null, problem: [reply.problem, reply.hint].filter(Boolean).join(' '), running: false }
        : null
    } catch (error) {
      this.#install = { progress: null, problem: messageOf(error), running: false }
    }
  }

  /** What was installed before stays as it is. */
  async cancelInstall(): Promise<void> {
    await this.connection.request<'runtime.cancel'>({ type: 'runtime.cancel' })
  }
}
