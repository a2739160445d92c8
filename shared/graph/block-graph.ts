/**
 * A residual block as a graph of operations. The stream comes in at the node id `input`; `output` names the node that
 * is h_k. Nodes are listed so that inputs come before their users. What each operation means is defined once, in
 * `operations/`.
 */
export type GraphNode =
  /** Linear layer to `units` × the stream's width (1, or 1/4 inside a bottleneck). */
  | ({ id: string; op: 'linear'; inputs: [string]; units: number } & WeightFields)
  /** Convolution along the columns; `kernel`, `stride` and `padding` count positions. */
  | ({ id: string; op: 'conv-1d'; inputs: [string]; units: number } & WindowFields & WeightFields)
  | ({ id: string; op: 'conv-2d'; inputs: [string]; units: number } & WindowFields & WeightFields)
  | { id: string; op: 'relu'; inputs: [string] }
  | { id: string; op: 'leaky-relu'; inputs: [string]; slope: number }
  | { id: string; op: 'gelu'; inputs: [string] }
  | { id: string; op: 'silu'; inputs: [string] }
  | { id: string; op: 'tanh'; inputs: [string] }
  | { id: string; op: 'identity'; inputs: [string] }
  | { id: string; op: 'batch-norm'; inputs: [string] }
  | { id: string; op: 'layer-norm'; inputs: [string] }
  | { id: string; op: 'group-norm'; inputs: [string]; groups: number }
  | { id: string; op: 'center'; inputs: [string] }
  /** Multiplication by a constant; `text` is how people write it, e.g. 1/√2. */
  | { id: string; op: 'scale'; inputs: [string]; factor: number; text: string }
  /** Multiplication by a constant of the block's own: block k's is factors[(k - 1) mod length]. */
  | { id: string; op: 'block-scale'; inputs: [string]; factors: number[]; text: string }
  /** Multiplication by one learned scalar that starts at `initial`. */
  | { id: string; op: 'gain'; inputs: [string]; initial: number }
  /** One learned scalar for each unit. */
  | { id: string; op: 'diagonal'; inputs: [string]; initial: number }
  /** One learned scalar, added to every value. */
  | { id: string; op: 'shift'; inputs: [string]; initial: number }
  | { id: string; op: 'dropout'; inputs: [string]; rate: number }
  /** The branch is left out at random; `survival` is the last block's probability to keep it. */
  | { id: string; op: 'stochastic-depth'; inputs: [string]; survival: number }
  | ({ id: string; op: 'average-pool'; inputs: [string] } & WindowFields)
  | ({ id: string; op: 'max-pool'; inputs: [string] } & WindowFields)
  /** Skip connection where the shape changes: every `stride`-th position, units filled up with zeros to the width N. */
  | { id: string; op: 'shortcut'; inputs: [string]; stride: number }
  /** Sum of the skip connection (first input) and the branch (second input). */
  | { id: string; op: 'sum'; inputs: [string, string] }
  /** Product of two edges, value by value. */
  | { id: string; op: 'multiply'; inputs: [string, string] }

/** Fields of layers with weights; what is absent is as drawn, with bias. */
export interface WeightFields {
  bias?: boolean
  /** Factor on the standard deviation of weights and biases. */
  gain?: number
  /** Scaled weight standardisation (Brock et al. 2021) with this gamma; 0 is off. */
  standardised?: number
}

/** A window over positions, the same along both axes of a grid. */
export interface WindowFields {
  /** Positions along each side. */
  kernel: number
  /** Positions from one place to the next. */
  stride: number
  /** Positions of zeros on each side of the grid. */
  padding: number
}

/** What a node can do. */
export type OperationName = GraphNode['op']

/** A block with its names; h_k = block(h_{k-1}). */
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

/** The id that nodes read the stream h_{k-1} by. */
export const INPUT = 'input'

/** @throws Error where the graph has no such node, which graphs that were checked do not do */
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
