import { messageOf } from '../../shared/base/errors'
import type { Verification } from '../../shared/protocol/protocol'
import type { ProgressEvent } from '../../shared/protocol/events'
import type { RunChanges, RunDocument, RunEntry } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import type { Announcements } from './announcements.svelte'
import type { Files } from './files'
import { RunDocuments, byId, merged } from './run-entries'

/** A run that is done again: how far it is, then how it came out. */
export type Verifying =
  | { state: 'running'; progress: ProgressEvent | null }
  | { state: 'failed'; message: string }
  | { state: 'done'; verification: Verification }

/** The library of runs as every view sees it: measured, trained, kept, and those in the trash. */
export class RunsState {
  #entries = $state.raw<readonly RunEntry[]>([])
  #status = $state<'loading' | 'ready' | 'failed'>('loading')
  #failure = $state('')
  #problems = $state.raw<readonly string[]>([])
  #path = $state('')
  #newer = $state<string | null>(null)
  #verifying = $state.raw<Readonly<Record<string, Verifying>>>({})
  readonly #documents = new RunDocuments()

  constructor(
    private readonly connection: Connection,
    private readonly announcements: Announcements,
    private readonly files: () => Files,
  ) {}

  get status() {
    return this.#status
  }
  /** Why the library could not be read. */
  get failure(): string {
    return this.#failure
  }
  /** Damaged runs, and why they cannot be read, as sentences. */
  get problems(): readonly string[] {
    return this.#problems
  }
  /** Why nothing is written here; null where all is well. */
  get newer(): string | null {
    return this.#newer
  }
  /** The library's folder. */
  get path(): string {
    return this.#path
  }

  #kept = $derived(this.#entries.filter(({ removed }) => removed === null))
  #trash = $derived(this.#entries.filter(({ removed }) => removed !== null))
  #pinned = $derived(this.#kept.filter(({ pinned }) => pinned))
  #byId = $derived(byId(this.#entries))
  get kept(): readonly RunEntry[] {
    return this.#kept
  }
  get trash(): readonly RunEntry[] {
    return this.#trash
  }
  get pinned(): readonly RunEntry[] {
    return this.#pinned
  }

  /** The run as it is now; null where it is not (or no longer) in the library. */
  find(id: string | null | undefined): RunEntry | null {
    return (id && this.#byId.get(id)) || null
  }

  // ---- What the host says -------------------------------------------------------------------------------

  async load(): Promise<void> {
    try {
      const { runs, problems, path, newer } = await this.connection.request<'runs.list'>({
        type: 'runs.list',
      })
      this.#entries = runs
      this.#problems = problems
      this.#path = path
      this.#newer = newer
      this.#status = 'ready'
    } catch (error) {
      this.#status = 'failed'
      this.#failure = messageOf(error)
    }
  }

  /** Somebody has changed the library, this page included. */
  noticed({ changed, gone }: { changed: readonly RunEntry[]; gone: readonly string[] }): void {
    this.#documents.forget([...changed.map(({ id }) => id), ...gone])
    this.#put(changed, gone)
  }

  #put(changed: readonly RunEntry[], gone: readonly string[] = []) {
    this.#entries = merged(this.#entries, changed, gone)
  }

  /** What went wrong, to be read. */
  announce(text: string): void {
    this.announcements.announce(text, 'error')
  }

  // ---- What the user does -------------------------------------------------------------------------------

  /** All of a run. @throws RequestError */
  open(id: string): Promise<RunDocument> {
    return this.#documents.open(id, () =>
      this.connection.request<'runs.open'>({ type: 'runs.open', run: id }),
    )
  }

  /** @returns whether it was changed; why not has been announced */
  async change(id: string, changes: RunChanges): Promise<boolean> {
    const changed = await this.announcements.attempt(() =>
      this.connection.request<'runs.change'>({ type: 'runs.change', run: id, ...changes }),
    )
    if (changed) this.#put([changed])
    return changed !== null
  }

  /** Into the trash; the announcement takes it back. */
  async remove(runs: readonly RunEntry[]): Promise<void> {
    const ids = runs.map(({ id }) => id)
    await this.announcements.attempt(async () => {
      this.#put(await this.connection.request<'runs.remove'>({ type: 'runs.remove', runs: ids }))
      const what = runs.length === 1 ? runs[0].name : `${runs.length} runs`
      this.announcements.announce(`${what} is in the trash.`.replace('runs is', 'runs are'), 'info', {
        label: 'Undo',
        act: () => void this.restore(ids),
      })
    })
  }

  async restore(ids: readonly string[]): Promise<void> {
    await this.announcements.attempt(async () => {
      this.#put(await this.connection.request<'runs.restore'>({ type: 'runs.restore', runs: [...ids] }))
      this.announcements.dismiss()
    })
  }

  /** For good. */
  async emptyTrash(): Promise<void> {
    await this.announcements.attempt(async () => {
      const ids = this.trash.map(({ id }) => id)
      const { deleted } = await this.connection.request<'runs.empty'>({ type: 'runs.empty' })
      this.#put([], ids)
      this.announcements.announce(`Deleted ${deleted} ${deleted === 1 ? 'run' : 'runs'} for good.`)
    })
  }

  /** Does the run again on this machine; how it came out stays beside it. */
  async verify(id: string): Promise<void> {
    if (this.#verifying[id]?.state === 'running') return
    const set = (value: Verifying) => (this.#verifying = { ...this.#verifying, [id]: value })
    set({ state: 'running', progress: null })
    try {
      const verification = await this.connection.request<'runs.verify'>(
        { type: 'runs.verify', run: id },
        (event) => event.type === 'progress' && set({ state: 'running', progress: event }),
      )
      set({ state: 'done', verification })
    } catch (error) {
      set({ state: 'failed', message: messageOf(error) })
    }
  }

  verifying(id: string): Verifying | null {
    return this.#verifying[id] ?? null
  }

  // ---- Files --------------------------------------------------------------------------------------------

  /** As one .zip. */
  async export({ id, name }: RunEntry): Promise<void> {
    await this.announcements.attempt(async () => {
      const saved = await this.connection.request<'runs.export'>({ type: 'runs.export', run: id })
      if (!saved) return
      if ('path' in saved) return this.announcements.announce(`Saved ${saved.path}.`)
      await this.files().save({ ...saved, encoding: 'base64', type: 'application/zip' })
      this.announcements.announce(`Saved ${name} as ${saved.name}.`)
    })
  }

  /** @param content the .zip in base64; without it the host asks for a file */
  async import(content?: string): Promise<RunEntry | null> {
    return this.announcements.attempt(async () => {
      const run = await this.connection.request<'runs.import'>({ type: 'runs.import', content })
      if (!run) return null
      this.#put([run])
      this.announcements.announce(`${run.name} is in the library.`)
      return run
    })
  }
}
