import { messageOf } from '../../../shared/base/errors'
import { encodeLink, isSharedBlock } from '../../../shared/block/link'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import type { SavedBlock } from '../../../shared/protocol/protocol'
import type { BlockLibrary } from '../../state/block-library.svelte'
import { blockText, type Exports } from '../../state/export'

/** What the dialog of the library does, and what it says of how that ended. */
export class LibraryModel {
  #problem = $state<string | null>(null)
  #said = $state('')
  #renamed = $state.raw<{ id: string; name: string } | null>(null)

  /** @param close closes the dialog: what comes next has one of its own, or the page */
  constructor(
    private readonly library: BlockLibrary,
    private readonly exports: Exports,
    private readonly close: () => void,
  ) {}

  /** Why the last thing asked for did not happen. */
  get problem(): string | null {
    return this.#problem
  }
  /** The last thing that was done, in words. */
  get said(): string {
    return this.#said
  }
  /** The saved block whose name is being written, and the name so far. */
  get renamed(): { id: string; name: string } | null {
    return this.#renamed
  }

  /** @param replace id of the saved block whose place it takes */
  save(block: BlockGraph, replace: string | null): Promise<void> {
    return this.#attempt(async () => `Saved ${(await this.library.save(block, replace)).name}.`)
  }

  copyText(block: BlockGraph): Promise<void> {
    return this.#attempt(async () => {
      await this.exports.copy(blockText(block), 'The text')
      return `Copied ${block.name} as text.`
    })
  }

  copyLink(block: BlockGraph): Promise<void> {
    return this.#attempt(async () => {
      await this.exports.copy(await encodeLink(block), 'The link')
      return `Copied a link that holds ${block.name}.`
    })
  }

  /** A link or a block's text that was pasted: the question whether to take it comes in a dialog of its own. */
  offer(text: string): Promise<void> {
    const isText = isSharedBlock(text) && text.trimStart().startsWith('{')
    return this.#attempt(async () => {
      await this.library.offer(text, isText ? 'a text' : 'a link')
      this.close()
    })
  }

  /** The name of a saved block, as it is being written. */
  write(id: string, name: string): void {
    this.#renamed = { id, name }
  }

  /** Gives the block the name that was written; a name that is refused can be mended. */
  async rename(): Promise<void> {
    if (!this.#renamed) return
    const { id, name } = this.#renamed
    await this.#attempt(async () => {
      await this.library.rename(id, name)
      this.#renamed = null
      return `Renamed to ${name.trim()}.`
    })
  }

  remove(entry: SavedBlock): Promise<void> {
    return this.#attempt(() => this.library.remove(entry))
  }

  putBack(): Promise<void> {
    return this.#attempt(() => this.library.putBack())
  }

  /** @param work says what it did, where that is not seen by itself */
  async #attempt(work: () => Promise<string | void>): Promise<void> {
    this.#problem = null
    this.#said = ''
    try {
      this.#said = (await work()) ?? ''
    } catch (error) {
      this.#problem = messageOf(error)
    }
  }
}
