import { END, type Draft } from '../../block/draft'
import { structureOf, type Slot } from '../structure'
import { nodeOf, reading, readersOf, replaced, rewire, sourceOf, usersOf, withInput } from './wires'

/**
 * One place earlier (-1) or later (1) along its chain. Across a sum it goes from the branch's end to behind the sum,
 * and back.
 */
export function shift(draft: Draft, id: string, by: -1 | 1): Draft {
  const { byId } = structureOf(draft)
  const node = byId.get(id)
  if (!node) return draft
  const isJoin = node.inputs.length > 1
  if (by === -1) {
    const before = byId.get(node.inputs.at(-1)!)
    if (!before || before === node || readersOf(draft, before.id).length > 1) return draft
    if (isJoin) return before.inputs.length > 1 ? draft : swap(draft, before.id, id)
    return swap(draft, before.id, id)
  }
  const [reader, ...others] = readersOf(draft, id)
  if (!reader || reader.to === END || others.length) return draft
  const after = byId.get(reader.to)!
  return after === node || (isJoin && after.inputs.length > 1) ? draft : swap(draft, id, after.id)
}

/**
 * Out of its chain, which closes, and into another wire: what dragging an operation onto a wire does. A join stays
 * where it is.
 */
export function moveOnto(draft: Draft, id: string, onEdge: Slot): Draft {
  const node = nodeOf(draft, id)
  if (node.inputs.length !== 1 || onEdge.to === id || sourceOf(draft, onEdge) === id) return draft
  const out = rewire(draft, usersOf(draft, id), node.inputs[0])
  const moved = withInput(out, { to: id, slot: 0 }, sourceOf(out, onEdge))
  return withInput(moved, onEdge, id)
}

/** `second` reads `first` and is its only reader: then `first` reads `second`. */
function swap(draft: Draft, first: string, second: string): Draft {
  const { byId } = structureOf(draft)
  const [a, b] = [byId.get(first)!, byId.get(second)!]
  const later = usersOf(draft, second)
  // Where the second is a join, it is its branch that stands on the first.
  const slotOfA = b.inputs.lastIndexOf(first as never)
  const slotBefore = a.inputs.length - 1
  const source = a.inputs[slotBefore]
  const newB = reading(b, replaced(b.inputs, slotOfA, source))
  const newA = reading(a, replaced(a.inputs, slotBefore, second))
  if (later.some(({ to }) => to === first)) return draft
  const nodes = draft.nodes.map((node) => (node === a ? newB : node === b ? newA : node))
  return rewire({ ...draft, nodes }, later, first)
}
