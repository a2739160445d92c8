import { INPUT, type BlockGraph, type GraphNode } from '../graph/block-graph'

/**
 * A block's linear layers as convolutions without bias: 3 × 3 (three taps in one dimension), and pointwise where a
 * layer changes the number of units, as in bottlenecks. `original` becomes `original-conv`, in one dimension
 * `original-conv-1d`.
 */
export function convolutional(graph: BlockGraph, dimensions: 1 | 2): BlockGraph {
  const op = dimensions === 1 ? 'conv-1d' : 'conv-2d'
  const ids = new Map<string, string>()
  const units = new Map<string, number>([[INPUT, 1]])
  const nodes = graph.nodes.map((node): GraphNode => {
    const inputs = node.inputs.map((id) => ids.get(id) ?? id)
    const before = units.get(node.inputs[0])!
    const isLayer = node.op === 'linear'
    units.set(node.id, isLayer ? node.units : before)
    if (!isLayer) return { ...node, inputs } as GraphNode
    const id = node.id.replace(/^linear/, 'conv')
    ids.set(node.id, id)
    const kernel = before === node.units ? 3 : 1
    const window = { kernel, stride: 1, padding: (kernel - 1) / 2 }
    return { ...node, id, op, inputs: [inputs[0]], ...window, bias: false }
  })
  return {
    name: `${graph.name}-conv${dimensions === 1 ? '-1d' : ''}`,
    title: `${graph.title}, ${dimensions === 1 ? '1-D ' : ''}convolutions`,
    description: graph.description,
    nodes,
    output: ids.get(graph.output) ?? graph.output,
  }
}
