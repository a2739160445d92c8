import { INPUT, type BlockGraph } from '../graph/block-graph'
import { operationOf } from '../operations'
import { vector, type Shape } from '../numerics/shape'
import type { TensorMath } from '../numerics/tensor-math'

/** Parameters of one block by node id, in the order of the operation's `parameters`. */
export type BlockParameters<T> = ReadonlyMap<string, T[]>

/** What one pass through a block leaves for backward and for probes. */
export interface BlockTrace<T> {
  /** Every edge's value, [R, B × positions, units], by node id (and `input`). */
  values: Map<string, T>
  saved: Map<string, T[]>
  output: T
  shapes: ReadonlyMap<string, Shape>
}

/** What operations take over the batch, by node id, in the order of their `statistics`; [R, 1, units] each. */
export type BatchStatistics<T> = ReadonlyMap<string, T[]>

/** Those of one pass; of blocks whose samples go their own ways there are none. */
export function statisticsOf<T>(graph: BlockGraph, { saved }: BlockTrace<T>): BatchStatistics<T> {
  return new Map(
    graph.nodes.flatMap((node): [string, T[]][] => {
      const { statistics } = operationOf(node)
      return statistics ? [[node.id, saved.get(node.id)!.slice(0, statistics.length)]] : []
    }),
  )
}

/** The shape that blocks without positions are given: operations that need no grid do not look at the units. */
const NO_GRID = vector(1)

/**
 * One block, [R, B × positions, N] → the same, on any implementation of the tensor operations.
 * @param frozen statistics over the batch are these
 * @param shapes of all edges (`shapesOf`); blocks without positions need none
 */
export function forwardBlock<T>(
  math: TensorMath<T>,
  graph: BlockGraph,
  parameters: BlockParameters<T>,
  input: T,
  frozen?: BatchStatistics<T>,
  shapes: ReadonlyMap<string, Shape> = new Map(),
): BlockTrace<T> {
  const values = new Map([[INPUT, input]])
  const saved = new Map<string, T[]>()
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => values.get(id)!)
    const own = parameters.get(node.id) ?? []
    const shape = shapes.get(node.inputs[0]) ?? NO_GRID
    const result = operationOf(node).forward(math, node, inputs, own, frozen?.get(node.id), shape)
    values.set(node.id, result.output)
    saved.set(node.id, result.saved)
  }
  return { values, saved, output: values.get(graph.output)!, shapes }
}

/**
 * Vector-Jacobian product of one block: from the gradient at its output to those at its input, of its parameters and on
 * every edge.
 * @param frozen statistics over the batch are held constant
 */
export function backwardBlock<T>(
  math: TensorMath<T>,
  graph: BlockGraph,
  parameters: BlockParameters<T>,
  trace: BlockTrace<T>,
  gradient: T,
  frozen = false,
): { input: T; parameters: Map<string, T[]>; edges: Map<string, T> } {
  const gradients = new Map([[graph.output, gradient]])
  const parameterGradients = new Map<string, T[]>()
  for (const node of [...graph.nodes].reverse()) {
    const at = gradients.get(node.id)
    if (at === undefined) continue
    const own = parameters.get(node.id) ?? []
    const shape = trace.shapes.get(node.inputs[0]) ?? NO_GRID
    const result = operationOf(node).backward(math, node, at, trace.saved.get(node.id)!, own, frozen, shape)
    if (result.parameters.length) parameterGradients.set(node.id, result.parameters)
    node.inputs.forEach((id, i) => {
      const before = gradients.get(id)
      gradients.set(id, before === undefined ? result.inputs[i] : math.add(before, result.inputs[i]))
    })
  }
  return { input: gradients.get(INPUT)!, parameters: parameterGradients, edges: gradients }
}
