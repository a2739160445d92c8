import type { GraphNode } from '../../graph/block-graph'
import { freshId, type Draft, type Position } from '../../block/draft'
import { checkRoom } from './adding'
import { place } from './layout'
import { stretchOf } from './stretch'
import { reading, rewire } from './wires'

/** How far copies are drawn from their originals. */
export const BESIDE = 40

/** Copies behind the originals where they are one stretch of the block, else beside them and not read by anything. */
export function duplicate(draft: Draft, ids: Iterable<string>): Draft {
  const chosen = new Set(ids)
  const originals = draft.nodes.filter(({ id }) => chosen.has(id))
  if (!originals.length) return draft
  checkRoom(draft, originals.length)
  const stretch = stretchOf(draft, chosen)
  const { nodes, renamed } = renamedCopies(draft, originals)
  const copies = stretch
    ? nodes.map((node) =>
        reading(
          node,
          node.inputs.map((input) => (input === stretch.source ? stretch.end : input)),
        ),
      )
    : nodes
  const added = { ...draft, nodes: [...draft.nodes, ...copies] }
  const next = stretch ? rewire(added, stretch.readers, renamed.get(stretch.end)!) : added
  const places = [...renamed].flatMap(([old, id]): [string, Position][] => {
    if (!Object.hasOwn(draft.layout, old)) return []
    const [x, y] = draft.layout[old]
    return [[id, [x + BESIDE, y + BESIDE]]]
  })
  return place(next, Object.fromEntries(places))
}

/** Copies under free ids; what they read inside the group is read from the copies. */
export function renamedCopies(draft: Draft, originals: readonly GraphNode[]) {
  const renamed = new Map<string, string>()
  for (const { id, op } of originals) renamed.set(id, freshId(draft, op, renamed.values()))
  const nodes = originals.map((node) => ({
    ...reading(
      node,
      node.inputs.map((input) => renamed.get(input) ?? input),
    ),
    id: renamed.get(node.id)!,
  }))
  return { nodes, renamed }
}
