import { ancestors, type BlockGraph, type GraphNode } from '../graph/block-graph'
import { operationOf } from '../operations'

/**
 * What remedies need to know of a block's branches, and how they put operations into it. Any drawn block: nested sums,
 * several, operations on skips.
 */

export type SumNode = Extract<GraphNode, { op: 'sum' }>
export type LayerNode = Extract<GraphNode, { op: 'linear' | 'conv-1d' | 'conv-2d' }>

export const sumsOf = (graph: BlockGraph) => graph.nodes.filter((node): node is SumNode => node.op === 'sum')

export const isLayer = (node: GraphNode): node is LayerNode => operationOf(node).kind === 'linear'
export const isNorm = (node: GraphNode) =>
  node.op === 'batch-norm' || node.op === 'layer-norm' || node.op === 'group-norm'

/** The nodes on a sum's branch (its second input) that do not also feed its skip. */
export function branchNodes(graph: BlockGraph, sum: SumNode): GraphNode[] {
  const onSkip = ancestors(graph, sum.inputs[0])
  const onBranch = ancestors(graph, sum.inputs[1])
  return graph.nodes.filter((node) => onBranch.has(node.id) && !onSkip.has(node.id))
}

/** Sums that are in no other sum's branch, in the order in which the stream meets them. */
export function mainSums(graph: BlockGraph): SumNode[] {
  const sums = sumsOf(graph)
  return sums.filter((sum) => !sums.some((other) => other !== sum && branchNodes(graph, other).includes(sum)))
}

/** ReLUs that the stream goes through, from block to block: on the branch of no sum. */
export function streamRelus(graph: BlockGraph): GraphNode[] {
  const onBranches = new Set(sumsOf(graph).flatMap((sum) => branchNodes(graph, sum)))
  return graph.nodes.filter((node) => node.op === 'relu' && !onBranches.has(node))
}

/** The layers of a sum's branch that are not in the branch of a sum inside it. */
export function ownLayers(graph: BlockGraph, sum: SumNode): LayerNode[] {
  const inside = branchNodes(graph, sum)
  const nested = inside
    .filter((node): node is SumNode => node.op === 'sum')
    .flatMap((inner) => branchNodes(graph, inner))
  return inside.filter((node): node is LayerNode => isLayer(node) && !nested.includes(node))
}

/** Those of the layers that no other of them comes after. */
export function lastOf(graph: BlockGraph, layers: readonly LayerNode[]): LayerNode[] {
  return layers.filter(
    (layer) => !layers.some((other) => other !== layer && ancestors(graph, other.id).has(layer.id)),
  )
}

/** An id that no node has: `name`-1, or the next number. */
export function freeId(graph: BlockGraph, name: string, first = 1): string {
  const taken = new Set(graph.nodes.map((node) => node.id))
  for (let i = first; ; i++) if (!taken.has(`${name}-${i}`)) return `${name}-${i}`
}

/** A new node of one input, before it is put in its place. */
export type Added = GraphNode extends infer N
  ? N extends GraphNode
    ? Omit<N, 'id' | 'inputs'>
    : never
  : never

const made = (added: Added, id: string, input: string) => ({ ...added, id, inputs: [input] }) as GraphNode

/** Right after node (or input) `source`: all those of `users` that read it then read the new node. */
export function insertAfter(
  graph: BlockGraph,
  source: string,
  name: string,
  added: Added,
  users: (node: GraphNode) => boolean = () => true,
): BlockGraph {
  const id = freeId(graph, name)
  const isBefore = !graph.nodes.some((node) => node.id === source)
  const nodes: GraphNode[] = isBefore ? [made(added, id, source)] : []
  for (const node of graph.nodes) {
    const reads = users(node) && node.inputs.includes(source)
    const inputs = reads ? node.inputs.map((input) => (input === source ? id : input)) : node.inputs
    nodes.push({ ...node, inputs } as GraphNode)
    if (node.id === source) nodes.push(made(added, id, source))
  }
  return { ...graph, nodes }
}

/** As `insertAfter` for all users, the block's output included. */
export function insertAfterAll(graph: BlockGraph, source: string, name: string, added: Added): BlockGraph {
  const id = freeId(graph, name)
  const changed = insertAfter(graph, source, name, added)
  return { ...changed, output: graph.output === source ? id : graph.output }
}

/** Between a node and its input number `slot`. */
export function insertBefore(
  graph: BlockGraph,
  user: string,
  slot: 0 | 1,
  name: string,
  added: Added,
): BlockGraph {
  const id = freeId(graph, name)
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.id !== user) return [node]
    const inputs = node.inputs.map((input, i) => (i === slot ? id : input))
    return [made(added, id, node.inputs[slot]!), { ...node, inputs } as GraphNode]
  })
  return { ...graph, nodes }
}

/**
 * At the start of a sum's branch: between every edge that comes from outside and the operations that read it there.
 * @param readers only before these of them
 */
export function insertAtStart(
  graph: BlockGraph,
  sum: SumNode,
  name: string,
  added: Added,
  readers: (node: GraphNode) => boolean = () => true,
): BlockGraph {
  const inside = branchNodes(graph, sum)
  if (!inside.length) return insertBefore(graph, sum.id, 1, name, added)
  const ids = new Set(inside.map((node) => node.id))
  const first = inside.filter(readers)
  const sources = new Set(first.flatMap((node) => node.inputs.filter((input) => !ids.has(input))))
  const users = new Set(first.map((node) => node.id))
  return [...sources].reduce(
    (current, source) => insertAfter(current, source, name, added, (node) => users.has(node.id)),
    graph,
  )
}

/** Without these nodes of one input: their users read what they read. */
export function without(graph: BlockGraph, unwanted: (node: GraphNode) => boolean): BlockGraph {
  const replaced = new Map<string, string>()
  const nodes: GraphNode[] = []
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => replaced.get(input) ?? input)
    if (unwanted(node)) replaced.set(node.id, inputs[0])
    else nodes.push({ ...node, inputs } as GraphNode)
  }
  return { ...graph, nodes, output: replaced.get(graph.output) ?? graph.output }
}

/** The layers among some nodes changed in place. */
export function withLayers(
  graph: BlockGraph,
  some: readonly GraphNode[],
  change: (layer: LayerNode) => LayerNode,
): BlockGraph {
  const ids = new Set(some.map((node) => node.id))
  return {
    ...graph,
    nodes: graph.nodes.map((node) => (isLayer(node) && ids.has(node.id) ? change(node) : node)),
  }
}

/** A layer whose weights start `factor` times as large. */
export function withGain(layer: LayerNode, factor: number): LayerNode {
  // Standardised weights have their own size, however large they start; and from 0 they cannot be standardised.
  if (layer.standardised && factor > 0) return { ...layer, standardised: layer.standardised * factor }
  const { standardised: _off, ...plain } = layer
  return { ...plain, gain: (layer.gain ?? 1) * factor } as LayerNode
}
