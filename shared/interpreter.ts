import { INPUT, type BlockGraph } from './graph'
import { operationOf } from './operations'
import type { TensorMath } from './tensor-math'

/** Parameters of one block by node id, in the order of the operation's `parameters`. */
export type BlockParameters<T> = ReadonlyMap<string, T[]>

/** What one pass through a block leaves for backward and for probes. */
export interface BlockTrace<T> {
  /** Every edge's value, by node id (and `input`). */
  values: Map<string, T>
  saved: Map<string, T[]>
  output: T
}

/**
 * One block, [R, B, N] → [R, B, N], on any implementation of the tensor operations.
 * @param frozen an earlier pass through the same block: statistics over the batch are taken from there
 */
export function forwardBlock<T>(
  math: TensorMath<T>,
  graph: BlockGraph,
  parameters: BlockParameters<T>,
  input: T,
  frozen?: BlockTrace<T>,
): BlockTrace<T> {
  const values = new Map([[INPUT, input]])
  const saved = new Map<string, T[]>()
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => values.get(id)!)
    const own = parameters.get(node.id) ?? []
    const result = operationOf(node).forward(math, node, inputs, own, frozen?.saved.get(node.id))
    values.set(node.id, result.output)
    saved.set(node.id, result.saved)
  }
  return { values, saved, output: values.get(graph.output)! }
}

/**
 * Vector-Jacobian product of one block: from the gradient at its output to those at its input, of its parameters and on every edge.
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
    const result = operationOf(node).backward(math, node, at, trace.saved.get(node.id)!, own, frozen)
    if (own.length) parameterGradients.set(node.id, result.parameters)
    node.inputs.forEach((id, i) => {
      const before = gradients.get(id)
      gradients.set(id, before === undefined ? result.inputs[i] : math.add(before, result.inputs[i]))
    })
  }
  return { input: gradients.get(INPUT)!, parameters: parameterGradients, edges: gradients }
}
