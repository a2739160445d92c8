import type { BlockGraph, GraphNode } from '../graph/block-graph'
import { shapesOf } from '../operations'
import { partOf, type ExportedNetwork, type ExportedPart, type NetworkArrays } from './network'

/** A batch norm that follows a layer with weights, and nothing else reads that layer. */
interface Pair {
  layer: string
  hasBias: boolean
  norm: string
  epsilon: number
}

/**
 * The network in which each batch norm right behind a layer with weights is part of these: W γ/√(variance + ε), and
 * (b - mean) γ/√(variance + ε) + β. It computes the same in evaluation.
 * @returns with how many were folded
 */
export function foldBatchNorms(
  network: ExportedNetwork,
  arrays: NetworkArrays,
): { network: ExportedNetwork; arrays: NetworkArrays; count: number } {
  const known = new Map<string, ReturnType<NetworkArrays>>()
  let count = 0
  const fold = (part: ExportedPart, block: number): ExportedPart => {
    const pairs = pairsOf(part)
    count += pairs.length
    if (pairs.length === 0) return part
    for (const pair of pairs) foldArrays(part.name, pair, arrays, known)
    const { place } = part.planned
    const graph = withoutNorms(part.planned.graph, pairs)
    const planned = { graph, place, shapes: shapesOf(graph, place) }
    return partOf(part.name, planned, { block, depth: network.blocks.length })
  }
  const folded = {
    ...network,
    stem: network.stem && fold(network.stem, 1),
    blocks: network.blocks.map((part, k) => fold(part, k + 1)),
    head: network.head && fold(network.head, 1),
  }
  return { network: folded, arrays: (name) => known.get(name) ?? arrays(name), count }
}

function pairsOf({ nodes, output }: ExportedPart): Pair[] {
  return nodes.flatMap(({ id, inputs, layer }) => {
    if (layer.layer !== 'batch-norm') return []
    const before = nodes.find((node) => node.id === inputs[0])
    if (!before || !('standardised' in before.layer) || before.layer.standardised) return []
    const readers = nodes.filter((node) => node.inputs.includes(before.id))
    if (readers.length > 1 || before.id === output) return []
    const hasBias = before.parameters.some(({ role }) => role === 'bias')
    return [{ layer: before.id, hasBias, norm: id, epsilon: layer.epsilon }]
  })
}

/** What read the norm reads the layer, which has a bias. */
function withoutNorms(graph: BlockGraph, pairs: readonly Pair[]): BlockGraph {
  const layerOf = new Map(pairs.map(({ norm, layer }) => [norm, layer]))
  const layers = new Set(layerOf.values())
  const nodes = graph.nodes
    .filter(({ id }) => !layerOf.has(id))
    .map((node) => {
      const inputs = node.inputs.map((id) => layerOf.get(id) ?? id)
      return { ...node, inputs, ...(layers.has(node.id) ? { bias: true } : {}) } as GraphNode
    })
  return { ...graph, nodes, output: layerOf.get(graph.output) ?? graph.output }
}

function foldArrays(
  part: string,
  { layer, hasBias, norm, epsilon }: Pair,
  arrays: NetworkArrays,
  known: Map<string, ReturnType<NetworkArrays>>,
): void {
  const [gain, shift, mean, variance] = ['gain', 'shift', 'mean', 'variance'].map(
    (role) => arrays(`${part}.${norm}.${role}`).values,
  )
  const weight = arrays(`${part}.${layer}.weight`)
  const bias = hasBias ? arrays(`${part}.${layer}.bias`).values : null
  const slope = gain.map((value, i) => value / Math.sqrt(variance[i] + epsilon))
  const units = slope.length
  known.set(`${part}.${layer}.weight`, {
    shape: weight.shape,
    values: weight.values.map((value, i) => value * slope[i % units]),
  })
  known.set(`${part}.${layer}.bias`, {
    shape: [1, units],
    values: slope.map((value, i) => ((bias?.[i] ?? 0) - mean[i]) * value + shift[i]),
  })
}
