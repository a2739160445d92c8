/* eslint-disable svelte/prefer-svelte-reactivity -- sets here are values: they are replaced, never changed */
import { END, addedIds, type Draft } from '../../../shared/block/draft'
import { structureOf, type Slot } from '../../../shared/editor/structure'
import { INPUT } from '../../../shared/graph/block-graph'

/** What of the block is selected, and which node keys work on; canvas and outline show the one selection. */
export class BlockSelection {
  /** Ids of selected operations. */
  nodes = $state.raw<ReadonlySet<string>>(new Set())
  /** A selected wire, by where it ends. */
  wire = $state.raw<Slot | null>(null)
  /** The one node that keys work on, in the canvas and in the outline. */
  focused = $state(INPUT)
  /** Counts requests to move the page's focus to the focused node. */
  focusRequest = $state(0)

  select(ids: Iterable<string>): void {
    const next = new Set(ids)
    if (next.size === this.nodes.size && [...next].every((id) => this.nodes.has(id))) return
    this.nodes = next
    if (next.size) this.wire = null
  }

  toggle(id: string): void {
    this.select(this.nodes.has(id) ? [...this.nodes].filter((other) => other !== id) : [...this.nodes, id])
  }

  clear(): void {
    this.select([])
    this.wire = null
  }

  /** @param extend keeps what is selected and adds it */
  focus(id: string, { extend = false, isRequested = true } = {}): void {
    this.focused = id
    this.select(extend ? [...this.nodes, id] : [id])
    this.wire = null
    if (isRequested) this.focusRequest++
  }

  /**
   * After an edit: new operations are selected, and a focus that is gone moves to where it was.
   * @param selects whether what is new is selected
   */
  follow(before: Draft, after: Draft, selects = true): void {
    const added = addedIds(before, after)
    const { byId } = structureOf(after)
    if (added.length && selects) {
      this.nodes = new Set(added)
      this.wire = null
      this.focused = added[added.length - 1]
      this.focusRequest++
      return
    }
    const left = [...this.nodes].filter((id) => byId.has(id))
    if (left.length < this.nodes.size) this.nodes = new Set(left)
    if (this.wire && this.wire.to !== END && !byId.has(this.wire.to)) this.wire = null
    if (this.focused === INPUT || this.focused === END || byId.has(this.focused)) return
    let id = this.focused
    const old = structureOf(before).byId
    while (old.has(id) && !byId.has(id)) id = old.get(id)!.inputs.find((input) => input !== '') ?? INPUT
    this.focused = byId.has(id) ? id : INPUT
    this.focusRequest++
  }
}
