import type { GraphNode } from '../../graph/block-graph'
import { connect, removeNodes } from '../actions'
import { labelOf, type Draft } from '../../block/draft'
import type { Mend } from '../problems'
import { structureOf, type Slot } from '../structure'
import { isJoin, usedNode, type Context } from './warning'

/** Where a warning is, and the sum whose branch could do without it. */
export type Finder = (
  context: Pick<Context, 'draft' | 'structure' | 'nodes'>,
) => { node: GraphNode; sum: GraphNode }[]

/** The move, where it takes the warning away. */
export function movingToStart(draft: Draft, id: string, sum: string, find: Finder): Mend[] {
  const moved = toBranchStart(draft, id, sum)
  const structure = structureOf(moved)
  const nodes = structure.order.flatMap(usedNode(structure))
  if (moved === draft || find({ draft: moved, structure, nodes }).some(({ node }) => node.id === id))
    return []
  return [
    {
      label: `Move the ${labelOf(draft, id)} to the branch’s start`,
      apply: (d) => toBranchStart(d, id, sum),
    },
  ]
}

/** Takes a node out and puts it first on a sum's branch, fields and place included. */
function toBranchStart(draft: Draft, id: string, sumId: string): Draft {
  const node = structureOf(draft).byId.get(id)
  const next = removeNodes(draft, [id])
  const { byId, used } = structureOf(next)
  const sum = byId.get(sumId)
  if (!node || !sum || !used.has(sumId)) return draft
  let slot: Slot = { to: sumId, slot: 1 }
  const skip = new Set<string>()
  for (let at: string = sum.inputs[0]; byId.has(at) && !skip.has(at); at = byId.get(at)!.inputs[0])
    skip.add(at)
  for (let from = sum.inputs[1] ?? ''; byId.has(from) && !skip.has(from); from = byId.get(from)!.inputs[0]) {
    if (isJoin(byId.get(from))) break
    slot = { to: from, slot: 0 }
  }
  // Nothing is left on the branch that it could stand before.
  if (slot.to === sumId) return draft
  const source = byId.get(slot.to)!.inputs[0]
  const at = next.nodes.findIndex((other) => other.id === source)
  const moved = { ...node, inputs: [source] } as GraphNode
  const layout = Object.hasOwn(draft.layout, id) ? { ...next.layout, [id]: draft.layout[id] } : next.layout
  const nodes = [...next.nodes.slice(0, at + 1), moved, ...next.nodes.slice(at + 1)]
  return connect({ ...next, nodes, layout }, id, slot.to, slot.slot)
}
