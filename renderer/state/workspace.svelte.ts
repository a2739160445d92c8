import { messageOf } from '../../shared/base/errors'
import type { Connection } from '../base/connection'

const VERSION = 1
const SAVE_DELAY = 800
/** Whoever goes on changing things is saved all the same: a crash costs no more. */
const LONGEST_DELAY = 2400

/** What the workspace holds, and how it is shown again. */
export interface WorkspaceContent {
  read(): { experiment: unknown; view: unknown; file: unknown }
  show(document: Record<string, unknown>): void
  announce(text: string, kind: 'info' | 'error'): void
}

/** Why nothing is saved before the user decides. */
export type Undecided =
  /** Another tab, window or host has saved the workspace since it was read here. */
  | { kind: 'changed' }
  /** What is saved cannot be shown whole here: a sentence that says why, and where it is kept. */
  | { kind: 'unreadable'; problem: string }

/**
 * The autosaved workspace. A save names the revision that it is based on, so that what another has saved is never
 * replaced unseen: then the user decides, and the other one is kept as a file.
 */
export class Workspace {
  #revision: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /** When the first of the changes was made that are not saved; milliseconds. */
  #waitingSince: number | null = null
  #loaded = $state(false)
  #undecided = $state.raw<Undecided | null>(null)

  constructor(
    private readonly connection: Connection,
    private readonly content: WorkspaceContent,
  ) {}

  /** Read from the host; before, nothing may be saved over it. */
  get loaded(): boolean {
    return this.#loaded
  }
  get undecided(): Undecided | null {
    return this.#undecided
  }

  /** To be called when the host is there. What is shown stays where a workspace cannot be read. */
  async load(): Promise<void> {
    try {
      await this.#read()
    } catch (error) {
      this.content.announce(`The saved workspace could not be opened: ${messageOf(error)}`, 'error')
    }
    this.#loaded = true
  }

  /** To be called whenever its content has changed. */
  changed(): void {
    if (!this.#loaded || this.#undecided) return
    clearTimeout(this.#timer)
    const now = Date.now()
    this.#waitingSince ??= now
    const delay = Math.max(0, Math.min(SAVE_DELAY, this.#waitingSince + LONGEST_DELAY - now))
    this.#timer = setTimeout(() => void this.#save(this.#revision), delay)
  }

  /** What waits to be saved is saved now: the window may be closing, or another begin with it. */
  async saveNow(): Promise<void> {
    if (this.#timer !== undefined) await this.#save(this.#revision)
  }

  /** Another front end of this host has saved it. */
  changedElsewhere(revision: string): void {
    if (!this.#loaded || revision === this.#revision) return
    this.#askUser({ kind: 'changed' })
  }

  /** The user's word: what is here is saved from now on; the other one is kept as a file. */
  async keepThis(): Promise<void> {
    this.#undecided = null
    await this.#save(undefined)
  }

  /** The user's word: the other one is shown; what is here is kept as a file. */
  async showOther(): Promise<void> {
    try {
      const kept = await this.connection.request<'workspace.keep'>({
        type: 'workspace.keep',
        document: this.#document(),
      })
      this.#undecided = null
      await this.#read()
      this.content.announce(`This is the other window’s workspace. Yours is kept as ${kept.path}.`, 'info')
    } catch (error) {
      this.content.announce(`The other workspace could not be shown: ${messageOf(error)}`, 'error')
    }
  }

  async #read() {
    const loaded = await this.connection.request<'workspace.load'>({ type: 'workspace.load' })
    const { document, revision, problem, undecided } = loaded
    this.#revision = revision
    if (undecided) this.#askUser({ kind: 'unreadable', problem: problem ?? '' })
    else if (problem) this.content.announce(problem, 'error')
    if (document) this.content.show(document)
  }

  #askUser(undecided: Undecided) {
    this.#stopWaiting()
    this.#undecided = undecided
  }

  /** @param base undefined: over whatever is there */
  async #save(base: string | null | undefined) {
    this.#stopWaiting()
    try {
      const document = this.#document()
      const saved = await this.connection.request<'workspace.save'>({
        type: 'workspace.save',
        document,
        base,
      })
      if (saved.revision === null) return this.#askUser({ kind: 'changed' })
      this.#revision = saved.revision
      if (saved.kept) this.content.announce(`Saved. The other workspace is kept as ${saved.kept}.`, 'info')
    } catch (error) {
      this.content.announce(`The workspace could not be saved: ${messageOf(error)}`, 'error')
    }
  }

  #stopWaiting() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waitingSince = null
  }

  /** Messages are cloned or turned into JSON: only plain values may be in them. */
  #document(): Record<string, unknown> {
    const document = { version: VERSION, ...this.content.read() }
    return JSON.parse(JSON.stringify(document)) as Record<string, unknown>
  }
}
