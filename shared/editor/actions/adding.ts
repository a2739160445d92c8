import { MOST_NODES, REFERENCE } from '../../block/file'
import { InputError } from '../../base/errors'
import { INPUT, type GraphNode, type OperationName } from '../../graph/block-graph'
import { operationOf } from '../../operations'
import { freshId, freshNode, type Draft, type Position } from '../../block/draft'
import { structureOf, type Slot } from '../structure'
import { place } from './layout'
import { insert, nodeOf, rewire, sourceOf, usersOf } from './wires'

/** Where a new node goes. Without `after` and `onEdge` it is connected to nothing. */
export interface Where {
  /** Behind this node: all its users read the new one. */
  after?: string
  /** Into this wire alone. */
  onEdge?: Slot
  at?: Position
}

export function addNode(draft: Draft, op: OperationName, { after, onEdge, at }: Where = {}): Draft {
  checkRoom(draft, 1)
  const id = freshId(draft, op)
  const source = onEdge ? sourceOf(draft, onEdge) : (after ?? '')
  // A sum's or product's last input is the stream; the first comes from the block's start, as a skip connection does.
  const inputs =
    operationOf({ op }).inputs === 1 ? [source] : [source && source !== INPUT ? INPUT : '', source]
  const added = insert(draft, asWideAs(draft, source, freshNode(id, op, inputs)), source)
  const reading = onEdge ? [onEdge] : after === undefined ? [] : usersOf(draft, after)
  return place(rewire(added, reading, id), at ? { [id]: at } : {})
}

/** As `addNode` into one wire, with the fields of `like`. */
export function insertOnEdge(draft: Draft, like: GraphNode, onEdge: Slot): Draft {
  const id = freshId(draft, like.op)
  const added = addNode(draft, like.op, { onEdge })
  return {
    ...added,
    nodes: added.nodes.map((node) =>
      node.id === id ? ({ ...like, id, inputs: node.inputs } as GraphNode) : node,
    ),
  }
}

/** A further branch beside a sum's, or beside a wire: `op` of what comes in there, added by a new sum. */
export function addBranch(draft: Draft, at: string | Slot, op: OperationName = 'linear'): Draft {
  checkRoom(draft, 2)
  const beside = typeof at === 'string' ? nodeOf(draft, at).id : sourceOf(draft, at)
  const start = typeof at === 'string' ? nodeOf(draft, at).inputs[0] : beside
  if (!start) throw new InputError('Branch', 'nothing is connected here', 'Connect it first.')
  const readers = typeof at === 'string' ? usersOf(draft, at) : [at]
  const inputs = operationOf({ op }).inputs === 1 ? [start] : [start, '']
  const branch = asWideAs(draft, beside, freshNode(freshId(draft, op), op, inputs))
  const sum = freshNode(freshId(draft, 'sum', [branch.id]), 'sum', [beside, branch.id])
  const withBranch = insert(draft, branch, beside)
  return rewire(insert(withBranch, sum, branch.id), readers, sum.id)
}

/** A new layer keeps the width of what it reads: then whatever reads it fits as before. */
function asWideAs(draft: Draft, source: string, node: GraphNode): GraphNode {
  const units = structureOf(draft).shapes.get(source)?.units
  return units !== undefined && 'units' in node ? { ...node, units: units / REFERENCE.width } : node
}

/** @throws InputError where a draft with `more` operations would be larger than blocks may be */
export function checkRoom(draft: Draft, more: number): void {
  if (draft.nodes.length + more <= MOST_NODES) return
  throw new InputError('Block', `it would have more than ${MOST_NODES} operations`, 'Remove some first.')
}
