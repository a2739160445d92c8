import { messageOf } from '../../shared/base/errors'
import type { QueueList, QueueProgress, RequestBody } from '../../shared/protocol/protocol'
import type { Move, Priority, QueueEntry, QueueWork } from '../../shared/queue/entry'
import { isEnded } from '../../shared/queue/order'
import type { Experiment } from '../../shared/settings/experiment'
import type { Connection } from '../base/connection'
import type { Announcements } from './announcements.svelte'

const NOTHING: QueueList = { entries: [], isPaused: false, note: null, progress: null, problem: null }

/** The queue of jobs as the page knows it; the host works it off. */
export class QueueState {
  #list = $state.raw<QueueList>(NOTHING)
  #progress = $state.raw<QueueProgress | null>(null)
  #failure = $state<string | null>(null)
  #isLoaded = $state(false)
  #taken = $state.raw<{ words: string; ids: string[] } | null>(null)
  /** The queue's own dialog is open. */
  isShown = $state(false)

  constructor(
    private readonly connection: Connection,
    private readonly announcements: Announcements,
  ) {}

  /** In the order in which they are done, then what has ended. */
  get entries(): readonly QueueEntry[] {
    return this.#list.entries
  }
  /** It is known what is in it. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }
  get isPaused(): boolean {
    return this.#list.isPaused
  }
  /** Why it was paused by itself. */
  get note(): string | null {
    return this.#list.note
  }
  /** Why the queue's file is not followed, or could not be asked for. */
  get problem(): string | null {
    return this.#failure ?? this.#list.problem
  }
  get progress(): QueueProgress | null {
    return this.#progress
  }

  /** What was taken off it last, in words. */
  get taken(): { words: string } | null {
    return this.#taken
  }

  readonly left = $derived(this.#list.entries.filter((entry) => !isEnded(entry)))
  readonly ended = $derived(this.#list.entries.filter(isEnded))
  readonly running = $derived(this.#list.entries.find(({ state }) => state === 'running') ?? null)

  /** The entry of a sweep that is still to be done, or was done last; null: there is none. */
  ofSweep(id: string): QueueEntry | null {
    return this.#list.entries.find(({ sweep }) => sweep === id) ?? null
  }

  // ---- What the host says -------------------------------------------------------------------------------

  async load(): Promise<void> {
    try {
      this.noticed(await this.connection.request<'queue.list'>({ type: 'queue.list' }))
    } catch (error) {
      this.#failure = messageOf(error)
    }
  }

  noticed(list: QueueList): void {
    this.#list = list
    this.#progress = list.progress
    this.#failure = null
    this.#isLoaded = true
  }

  progressed(progress: QueueProgress | null): void {
    this.#progress = progress
  }

  // ---- What the user does -------------------------------------------------------------------------------

  /** @returns the entry; null: it was refused, and why has been announced */
  async add(work: QueueWork, { priority, isSaid = true }: { priority?: Priority; isSaid?: boolean } = {}) {
    return this.announcements.attempt(async () => {
      // Messages are cloned: Svelte's proxies are not plain values.
      const plain = JSON.parse(JSON.stringify(work)) as QueueWork
      const entry = await this.connection.request<'queue.add'>({ type: 'queue.add', work: plain, priority })
      const ahead = this.left.findIndex(({ id }) => id === entry.id)
      const words = ahead > 0 ? `, after ${ahead} ${ahead === 1 ? 'other' : 'others'}` : ''
      if (isSaid) this.announcements.announce(`In the queue: ${entry.command}, ${entry.name}${words}.`)
      return entry
    })
  }

  /** A job as a view would ask for it. */
  addJob = (
    request: { type: string; experiment: Experiment | Record<string, unknown> } & Record<string, unknown>,
  ) => this.add({ kind: 'job', request })

  pause = (entry: string | null) => this.#ask({ type: 'queue.pause', entry })
  resume = (entry: string | null) => this.#ask({ type: 'queue.resume', entry })
  move = (entry: string, to: Move) => this.#ask({ type: 'queue.move', entry, to })
  setPriority = (entry: string, priority: Priority) => this.#ask({ type: 'queue.priority', entry, priority })

  /** Off the queue; `bringBack` undoes it. */
  async remove(entries: readonly QueueEntry[]): Promise<void> {
    const ids = entries.map(({ id }) => id)
    if (!(await this.#ask({ type: 'queue.remove', entries: ids }))) return
    const what = entries.length === 1 ? `${entries[0].name} is` : `${entries.length} entries are`
    this.#taken = { words: `${what} off the queue; runs that were made stay.`, ids }
  }

  async bringBack(): Promise<void> {
    const ids = this.#taken?.ids ?? []
    this.#taken = null
    await this.#ask({ type: 'queue.restore', entries: ids })
  }

  #ask(body: Extract<RequestBody, { type: `queue.${string}` }>): Promise<true | null> {
    return this.announcements.attempt(async () => {
      this.noticed((await this.connection.request(body)) as QueueList)
      return true as const
    })
  }
}
