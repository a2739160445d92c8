import { INPUT, type BlockGraph, type GraphNode, type OperationName } from '../graph'
import { batchNorm } from './batch-norm'
import { center } from './center'
import { layerNorm } from './layer-norm'
import { linear } from './linear'
import type { Operation } from './operation'
import { relu } from './relu'
import { gain, scale } from './scale'
import { sum } from './sum'

const OPERATIONS = {
  linear,
  relu,
  'batch-norm': batchNorm,
  'layer-norm': layerNorm,
  center,
  scale,
  gain,
  sum,
} satisfies { [Name in OperationName]: Operation<Extract<GraphNode, { op: Name }>> }

/** The definition of a node's operation. */
export function operationOf(node: Pick<GraphNode, 'op'>): Operation {
  return OPERATIONS[node.op] as unknown as Operation
}

/** Shape inference: the width of every edge of a block in a network of this width. */
export function widths(graph: BlockGraph, width: number): Map<string, number> {
  const known = new Map([[INPUT, width]])
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => known.get(input)!)
    known.set(node.id, operationOf(node).width(node, inputs, width))
  }
  return known
}
