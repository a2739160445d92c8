/**
 * A residual block as a graph of operations. The stream comes in at the node id `input`; `output` names the node that is h_k.
 * Nodes are listed so that inputs come before their users. What each operation means is defined once, in `operations/`.
 */
export type GraphNode =
  /** Linear layer to `units` × the stream's width (1, or 1/4 inside a bottleneck). */
  | { id: string; op: 'linear'; inputs: [string]; units: number }
  | { id: string; op: 'relu'; inputs: [string] }
  | { id: string; op: 'batch-norm'; inputs: [string] }
  | { id: string; op: 'layer-norm'; inputs: [string] }
  | { id: string; op: 'center'; inputs: [string] }
  /** Multiplication by a constant; `text` is how people write it, e.g. 1/√2. */
  | { id: string; op: 'scale'; inputs: [string]; factor: number; text: string }
  /** Multiplication by one learned scalar that starts at `initial`. */
  | { id: string; op: 'gain'; inputs: [string]; initial: number }
  /** Sum of the skip connection (first input) and the branch (second input). */
  | { id: string; op: 'sum'; inputs: [string, string] }

export type OperationName = GraphNode['op']

export interface BlockGraph {
  /** Preset name, or the user's own. */
  name: string
  title: string
  /** One sentence: what is particular about this order of operations. */
  description: string
  nodes: GraphNode[]
  output: string
  /** Where the editor draws the nodes, by id; absent: laid out by itself. Nothing computed depends on it. */
  layout?: Record<string, [x: number, y: number]>
}

export const INPUT = 'input'

export function nodeById(graph: BlockGraph, id: string): GraphNode {
  const node = graph.nodes.find((candidate) => candidate.id === id)
  if (!node) throw new Error(`Block ${graph.name} has no node "${id}".`)
  return node
}

/** Ids of all nodes that `id` depends on, `id` and `input` included. */
export function ancestors(graph: BlockGraph, id: string): Set<string> {
  const found = new Set<string>([id])
  for (const node of [...graph.nodes].reverse()) {
    if (found.has(node.id)) node.inputs.forEach((input) => found.add(input))
  }
  return found
}
