import { messageOf } from '../../shared/base/errors'
import type { FileKind, OpenedFile, RecentFile } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'

/** The files that were opened or saved last, in any window on this machine; shown in a dialog. */
export class RecentFiles {
  #files = $state.raw<readonly RecentFile[] | null>(null)
  #problem = $state<string | null>(null)
  /** Whether the dialog is open. */
  isShown = $state(false)

  constructor(private readonly connection: Connection) {}

  /** The newest first; null: they could not be read. */
  get files(): readonly RecentFile[] | null {
    return this.#files
  }
  /** Why the last thing asked for did not happen. */
  get problem(): string | null {
    return this.#problem
  }

  /** Opens the dialog once the list is there, or why it is not: no row is of files as they were before. */
  async show(): Promise<void> {
    this.#files = null
    await this.#load()
    this.isShown = true
  }

  async #load(): Promise<void> {
    await this.#attempt(async () => {
      this.#files = await this.connection.request<'recent.list'>({ type: 'recent.list' })
    })
  }

  /** The file's text; null where it cannot be had: then `problem` says why. */
  async open({ id }: RecentFile): Promise<OpenedFile | null> {
    return this.#attempt(() => this.connection.request<'recent.open'>({ type: 'recent.open', file: id }))
  }

  /** A file that the host has named is one of ours. */
  async remember(id: string, kind: FileKind): Promise<void> {
    // A list that cannot be written is no reason to say that opening or saving failed.
    await this.connection
      .request<'recent.remember'>({ type: 'recent.remember', file: id, kind })
      .catch(() => {})
  }

  async remove({ id }: RecentFile): Promise<void> {
    await this.#attempt(() => this.connection.request<'recent.remove'>({ type: 'recent.remove', file: id }))
    await this.#load()
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T | null> {
    this.#problem = null
    try {
      return await work()
    } catch (error) {
      this.#problem = messageOf(error)
      return null
    }
  }
}
