import type { GraphNode } from '../graph/block-graph'
import { addNode } from './actions'
import { freshId, type Draft } from '../block/draft'
import type { Slot } from './structure'

/** An operation with its fields into one wire. */
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
