import { SvelteMap } from 'svelte/reactivity'
import { messageOf } from '../../shared/base/errors'
import type { Verdict, Verification } from '../../shared/protocol/protocol'
import type { ProgressEvent } from '../../shared/protocol/events'
import type { MetricsForm } from '../../shared/runs/metrics-forms'
import type { RunChanges, RunDocument, RunEntry } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import type { Announcements } from './announcements.svelte'
import type { Files } from './files'
import { RunDocuments, byId, merged } from './run-entries'

/** A run that is done again: how far it is, then how it came out. */
export type Verifying =
  | { state: 'running'; progress: ProgressEvent | null }
  | { state: 'failed'; error: Error }
  | { state: 'done'; verification: Verification; seconds: number }

/** At the head of what is said of a run that was done again. */
export const VERDICTS: Readonly<Record<Verdict, string>> = {
  identical: 'Identical.',
  'within tolerance': 'Within tolerance.',
  different: 'Different.',
}

/** The library of runs as every view sees it: measured, trained, kept, and those in the trash. */
export class RunsState {
  #entries = $state.raw<readonly RunEntry[]>([])
  #status = $state<'loading' | 'ready' | 'failed'>('loading')
  #failure = $state('')
  #problems = $state.raw<readonly string[]>([])
  #path = $state('')
  #newer = $state<string | null>(null)
  #verifying = $state.raw<Readonly<Record<string, Verifying>>>({})
  /** The requests by which runs are done again. */
  readonly #jobs = new SvelteMap<string, string>()
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

  /** Does the run again on this machine; how it came out is said, and stays beside it. */
  async verify({ id, name }: RunEntry): Promise<void> {
    if (this.#verifying[id]?.state === 'running') return
    const set = (value: Verifying) => (this.#verifying = { ...this.#verifying, [id]: value })
    set({ state: 'running', progress: null })
    const begun = performance.now()
    try {
      const job = this.connection.start<'runs.verify'>({ type: 'runs.verify', run: id }, (event) => {
        if (event.type === 'progress') set({ state: 'running', progress: event })
      })
      this.#jobs.set(id, job.id)
      const verification = await job.reply
      set({ state: 'done', verification, seconds: (performance.now() - begun) / 1000 })
      this.announcements.announce(`${name}: ${VERDICTS[verification.verdict]} ${verification.words}`)
    } catch (error) {
      set({ state: 'failed', error: error as Error })
    }
  }

  verifying(id: string): Verifying | null {
    return this.#verifying[id] ?? null
  }

  /** As a bar follows it. */
  verification(id: string | null) {
    const now = id ? this.verifying(id) : null
    const isRunning = now?.state === 'running'
    const status = isRunning
      ? ('running' as const)
      : now?.state === 'failed'
        ? ('failed' as const)
        : ('idle' as const)
    return {
      ...{ status, isRunning },
      progress: now?.state === 'running' ? now.progress : null,
      error: now?.state === 'failed' ? now.error : null,
      outcome: now?.state === 'done' ? { finished: true, seconds: now.seconds } : null,
      stop: () => {
        const job = id && this.#jobs.get(id)
        // A job that has just ended is no longer there to be stopped.
        if (job) this.connection.request({ type: 'control', job, action: 'stop' }).catch(() => {})
      },
    }
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

  /** All its numbers, in a form that other programs read. */
  async saveNumbers({ id, name }: RunEntry, form: MetricsForm): Promise<void> {
    await this.announcements.attempt(async () => {
      const { content } = await this.connection.request<'metrics.file'>({
        ...{ type: 'metrics.file', run: id, format: form.name },
      })
      const isZip = form.is === 'folder'
      const saved = await this.files().save({
        name: `${id}-${isZip ? `${form.name}.zip` : `numbers.${form.extension}`}`,
        ...{ content, encoding: 'base64', type: isZip ? 'application/zip' : 'application/octet-stream' },
      })
      if (saved) this.announcements.announce(`Saved the numbers of ${name} as ${saved.path}.`)
    })
  }

  /** A run that was imported. */
  took(run: RunEntry): void {
    this.#put([run])
    this.announcements.announce(`${run.name} is in the library.`)
  }
}
