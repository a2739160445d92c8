import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { messageOf } from '../../shared/base/errors'
import type { ProgressEvent } from '../../shared/protocol/events'
import type { ListedData } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'

/** How getting a data set ended that did not come. */
export interface GetProblem {
  text: string
  /** The user has ended it. */
  isCancelled: boolean
}

/** The data sets as the page knows them: those of the program, fetched ones and the user's own. */
export class DataState {
  /** Files that were dropped on the window while data sets are shown, for the view to take. */
  dropped = $state.raw<readonly File[]>([])
  #sets = $state.raw<readonly ListedData[]>([])
  #status = $state<'loading' | 'ready' | 'failed'>('loading')
  #failure = $state('')
  readonly #getting = new SvelteMap<string, ProgressEvent>()
  readonly #problems = new SvelteMap<string, GetProblem>()
  readonly #cancelled = new SvelteSet<string>()

  constructor(private readonly connection: Connection) {}

  get sets(): readonly ListedData[] {
    return this.#sets
  }
  get status(): 'loading' | 'ready' | 'failed' {
    return this.#status
  }
  get failure(): string {
    return this.#failure
  }

  named(name: string): ListedData | null {
    return this.#sets.find((one) => one.name === name) ?? null
  }
  /** How far getting it is; null: nobody gets it. */
  getting(name: string): ProgressEvent | null {
    return this.#getting.get(name) ?? null
  }
  /** Why it did not come. */
  problem(name: string): GetProblem | null {
    return this.#problems.get(name) ?? null
  }

  async load(): Promise<void> {
    try {
      const { data, getting } = await this.connection.request<'data.list'>({ type: 'data.list' })
      this.#sets = data
      this.#status = 'ready'
      // One that another page has begun, or this one before it was loaded anew.
      for (const name of Object.keys(getting)) if (!this.#getting.has(name)) void this.get(name)
    } catch (error) {
      if (this.#status === 'ready') return
      this.#status = 'failed'
      this.#failure = messageOf(error)
    }
  }

  /** Gets one, or joins who gets it. @param file a given one that it is in @returns whether it is here now */
  async get(name: string, file?: string): Promise<boolean> {
    this.#problems.delete(name)
    this.#cancelled.delete(name)
    const waiting: ProgressEvent = {
      ...{ type: 'progress', message: 'Looking for it', done: 0, total: 0 },
      ...{ rate: null, unit: 'bytes', secondsLeft: null },
    }
    this.#getting.set(name, waiting)
    try {
      await this.connection.request<'data.get'>({ type: 'data.get', data: name, file }, (event) => {
        if (event.type === 'progress') this.#getting.set(name, event)
      })
      this.#getting.delete(name)
      await this.load()
      return true
    } catch (error) {
      this.#getting.delete(name)
      const isCancelled = this.#cancelled.has(name)
      const text = isCancelled ? 'Cancelled: nothing was kept.' : messageOf(error)
      this.#problems.set(name, { text, isCancelled })
      return false
    }
  }

  cancel(name: string): void {
    this.#cancelled.add(name)
    this.connection.request<'data.cancel'>({ type: 'data.cancel', data: name }).catch(() => {})
  }

  /** @throws RequestError */
  async remove(name: string): Promise<void> {
    await this.connection.request<'data.remove'>({ type: 'data.remove', data: name })
    await this.load()
  }

  /** @throws RequestError */
  async restore(name: string): Promise<void> {
    await this.connection.request<'data.restore'>({ type: 'data.restore', data: name })
    await this.load()
  }
}
