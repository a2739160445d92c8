import { INPUT, nodeById, type BlockGraph, type GraphNode, type OperationName } from '../graph/block-graph'
import type { BlockPlace, Shape } from '../numerics/shape'
import { batchNorm } from './batch-norm'
import { center } from './center'
import { conv1d, conv2d } from './convolution'
import { gelu } from './gelu'
import { groupNorm } from './group-norm'
import { identity } from './identity'
import { layerNorm } from './layer-norm'
import { leakyRelu } from './leaky-relu'
import { linear } from './linear'
import { multiply } from './multiply'
import { dropout, stochasticDepth } from './noise'
import type { Operation } from './operation'
import { averagePool, maxPool } from './pool'
import { relu } from './relu'
import { blockScale, diagonal, gain, scale } from './scale'
import { shift } from './shift'
import { shortcut } from './shortcut'
import { silu } from './silu'
import { sum } from './sum'
import { tanh } from './tanh'

const OPERATIONS = {
  linear,
  'conv-1d': conv1d,
  'conv-2d': conv2d,
  relu,
  'leaky-relu': leakyRelu,
  gelu,
  silu,
  tanh,
  identity,
  'batch-norm': batchNorm,
  'layer-norm': layerNorm,
  'group-norm': groupNorm,
  center,
  scale,
  'block-scale': blockScale,
  gain,
  diagonal,
  shift,
  dropout,
  'stochastic-depth': stochasticDepth,
  'average-pool': averagePool,
  'max-pool': maxPool,
  shortcut,
  sum,
  multiply,
} satisfies { [Name in OperationName]: Operation<Extract<GraphNode, { op: Name }>> }

/** The definition of a node's operation. */
export function operationOf(node: Pick<GraphNode, 'op'>): Operation {
  return OPERATIONS[node.op] as unknown as Operation
}

/** The names of all operations, in the order of the table. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]

/** Shape inference: the shape of every edge of a valid block, by node id (and `input`). */
export function shapesOf(graph: BlockGraph, { input, width }: BlockPlace): Map<string, Shape> {
  const known = new Map([[INPUT, input]])
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => known.get(id)!)
    known.set(node.id, operationOf(node).shape(node, inputs, width))
  }
  return known
}

/** How a node is called in sentences: "linear 2" is the block's second linear layer; single ones carry no number. */
export function nodeLabel(graph: BlockGraph, id: string): string {
  if (id === INPUT) return 'input'
  const node = nodeById(graph, id)
  const { title } = operationOf(node)
  const alike = graph.nodes.filter((other) => other.op === node.op)
  const name = node.op === 'scale' ? `scale by ${node.text}` : title
  return alike.length > 1 ? `${name} ${alike.indexOf(node) + 1}` : name
}
