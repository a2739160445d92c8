import type { BlockGraph, GraphNode } from '../../../shared/graph/block-graph'
import { operationOf } from '../../../shared/operations'

/** What tells orders of a block apart, in few words. */
export interface BlockFacts {
  /** The branch's operations in the order of the signal: "ReLU → linear, twice". */
  order: string
  /** What the sum adds to the stream. */
  added: string
  /** Layers with weights in the branch. */
  layers: number
}

/** Facts of a block with one sum; where there are more, of the branch of its last one. */
export function factsOf(graph: BlockGraph): BlockFacts {
  const branch = branchOf(graph)
  const last = branch[branch.length - 1]
  const isLayer = (node: GraphNode) => operationOf(node).kind === 'linear'
  const titles = branch.map((node) => operationOf(node).title)
  const half = titles.slice(0, titles.length / 2)
  const isTwice = titles.length > 2 && titles.join() === [...half, ...half].join()
  return {
    order: isTwice ? `${half.join(' → ')}, twice` : titles.join(' → '),
    added: !last ? 'nothing' : last.op === 'relu' ? 'no negatives' : 'both signs',
    layers: branch.filter(isLayer).length,
  }
}

/** Operations from where the branch leaves the stream to its sum, in order. */
export function branchOf(graph: BlockGraph): GraphNode[] {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]))
  const sum = [...graph.nodes].reverse().find((node) => node.op === 'sum')
  const branch: GraphNode[] = []
  for (
    let node = byId.get(sum?.inputs[1] ?? '');
    node && node.id !== sum!.inputs[0];
    node = byId.get(node.inputs[0])
  )
    branch.unshift(node)
  return branch
}

/** "1st", "2nd": places in the branch, by id, for the picture. */
export function ordinals(graph: BlockGraph): Map<string, string> {
  const names = ['1st', '2nd', '3rd']
  return new Map(branchOf(graph).map(({ id }, i) => [id, names[i] ?? `${i + 1}th`]))
}
