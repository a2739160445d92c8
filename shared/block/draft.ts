import { INPUT, type BlockGraph, type GraphNode, type OperationName } from '../graph/block-graph'
import { nodeLabel, operationOf } from '../operations'

/**
 * A block while it is edited: it need not be valid. Nodes stand in any order, an input may be '' (nothing is connected
 * there) and wires may run in circles; fields always fit their definitions. Drafts are values: an edit makes a new one
 * (`actions.ts`).
 */
export interface Draft {
  name: string
  title: string
  description: string
  nodes: GraphNode[]
  /** The node whose result is h_k; '' where none is. */
  output: string
  /** Where nodes are drawn, by id, as far as the user has placed them. */
  layout: Record<string, Position>
}

export type Position = [x: number, y: number]

/** The wire that leaves the block ends here: `connect(draft, id, END, 0)` makes `id` the output. */
export const END = '@end'

/** Ids that mean something else, or would reach an object's prototype when used as a key. */
export const RESERVED: readonly string[] = [INPUT, END, '__proto__', 'constructor', 'prototype']

/** Operations keep their ids, but for those that a draft cannot have. */
export function draftOf(graph: BlockGraph): Draft {
  const { name, title, description, nodes, output, layout = {} } = graph
  const reserved = nodes.filter(({ id }) => RESERVED.includes(id))
  if (!reserved.length) return { name, title, description, nodes, output, layout }
  const renamed = new Map<string, string>()
  for (const { id, op } of reserved) renamed.set(id, freshId(graph, op, renamed.values()))
  const now = (id: string) => renamed.get(id) ?? id
  const moved = nodes.map(
    (node) => ({ ...node, id: now(node.id), inputs: node.inputs.map(now) }) as GraphNode,
  )
  const places = Object.entries(layout).map(([id, at]) => [now(id), at])
  return { name, title, description, nodes: moved, output: now(output), layout: Object.fromEntries(places) }
}

/** An id for a new node: its operation and the first number that is free. */
export function freshId(
  draft: Pick<Draft, 'nodes'>,
  op: OperationName,
  taken: Iterable<string> = [],
): string {
  const used = new Set([...draft.nodes.map(({ id }) => id), ...taken])
  let n = 1
  while (used.has(`${op}-${n}`)) n++
  return `${op}-${n}`
}

/** A new node with its fields' defaults. */
export function freshNode(id: string, op: OperationName, inputs: string[]): GraphNode {
  const fields = operationOf({ op }).fields.filter(({ optional }) => !optional)
  const values = fields.map(({ key, default: value }) => [key, Array.isArray(value) ? [...value] : value])
  return { id, op, inputs, ...Object.fromEntries(values) } as GraphNode
}

/** How a node is called in sentences: "linear 2". */
export const labelOf = (draft: Draft, id: string) =>
  id === END ? 'output' : id === '' ? 'nothing' : nodeLabel(draft, id)

/** Ids of nodes that are in `after` and not in `before`: what an action has added. */
export function addedIds(before: Draft, after: Draft): string[] {
  const known = new Set(before.nodes.map(({ id }) => id))
  return after.nodes.flatMap(({ id }) => (known.has(id) ? [] : [id]))
}
