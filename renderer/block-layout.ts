import { INPUT, type BlockGraph, type GraphNode } from '../shared/graph'

/** Where each operation of a block is drawn: columns follow the signal, lane 0 is the skip connection's, lane 1 its branch's, and so on. */
export interface PlacedNode {
  node: GraphNode
  column: number
  lane: number
}

export interface PlacedWire {
  from: { column: number; lane: number }
  to: { column: number; lane: number }
  /** A sum's first input. */
  isSkip: boolean
}

export interface BlockLayout {
  nodes: PlacedNode[]
  wires: PlacedWire[]
  /** The output wire leaves from here. */
  end: { column: number; lane: number }
  columns: number
  lanes: number
}

export function layoutBlock(graph: BlockGraph): BlockLayout {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]))
  const lanes = assignLanes(graph, byId)
  const columns = new Map<string, number>([[INPUT, 0]])
  for (const node of graph.nodes) {
    columns.set(node.id, 1 + Math.max(...node.inputs.map((input) => columns.get(input)!)))
  }
  const at = (id: string) => ({ column: columns.get(id)!, lane: id === INPUT ? 0 : (lanes.get(id) ?? 0) })
  const nodes = graph.nodes.map((node) => ({ node, ...at(node.id) }))
  const wires = graph.nodes.flatMap((node) =>
    node.inputs.map((input, i) => ({
      from: at(input),
      to: at(node.id),
      isSkip: node.op === 'sum' && i === 0,
    })),
  )
  return {
    nodes,
    wires,
    end: at(graph.output),
    columns: Math.max(...columns.values()) + 1,
    lanes: Math.max(...nodes.map((placed) => placed.lane)) + 1,
  }
}

/** The stream runs in one lane from the output back to the input; each sum's branch lies one lane further out. */
function assignLanes(graph: BlockGraph, byId: Map<string, GraphNode>): Map<string, number> {
  const lanes = new Map<string, number>()
  const walk = (id: string, lane: number) => {
    const node = byId.get(id)
    if (!node || lanes.has(id)) return
    lanes.set(id, lane)
    walk(node.inputs[0], lane)
    if (node.op === 'sum') walk(node.inputs[1], lane + 1)
  }
  walk(graph.output, 0)
  return lanes
}

/** Ids of operations that a remedy put into a block. */
export function addedNodes(before: BlockGraph, after: BlockGraph): Set<string> {
  const known = new Set(before.nodes.map((node) => node.id))
  return new Set(after.nodes.filter((node) => !known.has(node.id)).map((node) => node.id))
}
