import { messageOf } from '../../shared/base/errors'
import { parseBlockGraph } from '../../shared/block/file'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { SavedBlock } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'
import { readUntrusted } from '../compute/unpack'

const MOST_OFFERS = 50

/** A block that came from elsewhere, and waits for the user's word. */
export interface OfferedBlock {
  graph: BlockGraph
  /** Where from, in words: "a link". */
  from: string
}

/** The user's own blocks, and blocks that others have sent. */
export class BlockLibrary {
  #blocks = $state.raw<readonly SavedBlock[]>([])
  #problems = $state.raw<readonly string[]>([])
  #status = $state<'loading' | 'ready' | 'failed'>('loading')
  #failure = $state('')
  #removed = $state.raw<SavedBlock | null>(null)
  #offers = $state.raw<readonly OfferedBlock[]>([])

  /** @param read makes a block of whatever someone has sent */
  constructor(
    private readonly connection: Connection,
    private readonly read: (text: string, from: string) => Promise<BlockGraph> = (text, from) =>
      readUntrusted('sharedBlock', text, from),
  ) {}

  /** The newest first. */
  get blocks(): readonly SavedBlock[] {
    return this.#blocks
  }
  /** Files that are no blocks, and why. */
  get problems(): readonly string[] {
    return this.#problems
  }
  get status() {
    return this.#status
  }
  get failure(): string {
    return this.#failure
  }
  /** What was removed last: it can be put back. */
  get removed(): SavedBlock | null {
    return this.#removed
  }
  get offered(): OfferedBlock | null {
    return this.#offers[0] ?? null
  }
  /** How many more wait for their turn. */
  get waiting(): number {
    return Math.max(0, this.#offers.length - 1)
  }

  async load(): Promise<void> {
    try {
      const { blocks, problems } = await this.connection.request<'library.list'>({ type: 'library.list' })
      this.#blocks = blocks.map((entry) => ({ ...entry, block: parseBlockGraph(entry.block, entry.id) }))
      this.#problems = problems
      this.#status = 'ready'
    } catch (error) {
      this.#status = 'failed'
      this.#failure = messageOf(error)
    }
  }

  named(name: string): SavedBlock | null {
    return this.#blocks.find(({ block }) => block.name === name) ?? null
  }

  /**
   * @param replace id of the saved block whose place it takes
   * @returns the block as it is saved
   * @throws Error with cause and hint
   */
  async save(graph: BlockGraph, replace: string | null = null): Promise<BlockGraph> {
    const block = JSON.parse(JSON.stringify(graph)) as Record<string, unknown>
    const saved = await this.connection.request<'library.save'>({ type: 'library.save', block, replace })
    await this.load()
    return saved.block
  }

  /** @throws Error with cause and hint */
  async rename(id: string, name: string): Promise<void> {
    await this.connection.request<'library.rename'>({ type: 'library.rename', block: id, name })
    await this.load()
  }

  /** @throws Error with cause and hint */
  async remove(entry: SavedBlock): Promise<void> {
    await this.connection.request<'library.remove'>({ type: 'library.remove', block: entry.id })
    this.#removed = entry
    await this.load()
  }

  /** @throws Error with cause and hint */
  async putBack(): Promise<void> {
    if (!this.#removed) return
    await this.save(this.#removed.block)
    this.#removed = null
  }

  /** A link or a block's JSON: shown, and nothing more. @throws Error that says why it is no block */
  async offer(text: string, from: string): Promise<void> {
    this.show(await this.read(text, from), from)
  }

  /** A block that has been read: it waits until those before it are answered. More than anyone looks at are left. */
  show(graph: BlockGraph, from: string): void {
    if (this.#offers.length < MOST_OFFERS) this.#offers = [...this.#offers, { graph, from }]
  }

  /** The offer is answered, either way. */
  answered(): void {
    this.#offers = this.#offers.slice(1)
  }
}
