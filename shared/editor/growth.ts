import type { Experiment } from '../settings/experiment'
import { INPUT, type GraphNode } from '../graph/block-graph'
import { operationOf } from '../operations'

/** Blocks beyond which nothing new happens. */
const DEEPEST = 1000
const LARGEST = 3.4e38

/** Fan-in times the weights' variance. */
const VARIANCE = { he: 2, lecun: 1, glorot: 1, pytorch: 1 / 3 }

/**
 * The stream's mean square over the blocks, counted by hand: layers multiply it by their variance, activations halve
 * it, norms set it to 1, sums add. A rough estimate, good for telling whether a constant lets it die or explode; for
 * more there is theory.
 * @returns the mean square after the last block (1 at the first), and the block where it leaves float32
 */
export function estimatedGrowth(
  nodes: readonly GraphNode[],
  output: string,
  depth: number,
  { init, gain }: Pick<Experiment, 'init' | 'gain'>,
): { last: number; overflow: number | null } {
  let q = 1
  for (let block = 1; block <= Math.min(depth, DEEPEST); block++) {
    const values = new Map([[INPUT, q]])
    for (const node of nodes) {
      const [first, second] = node.inputs.map((input) => values.get(input) ?? 0)
      values.set(node.id, through(node, block, first, second, VARIANCE[init] * gain ** 2))
    }
    q = values.get(output) ?? 0
    if (q > LARGEST) return { last: q, overflow: block }
  }
  return { last: q, overflow: null }
}

function through(node: GraphNode, block: number, first: number, second: number, variance: number): number {
  switch (node.op) {
    case 'scale':
      return first * node.factor ** 2
    case 'block-scale':
      return first * node.factors[(block - 1) % node.factors.length] ** 2
    case 'shift':
      return first + node.initial ** 2
    case 'gain':
    case 'diagonal':
      return first * node.initial ** 2
    case 'multiply':
      return first * second
    case 'sum':
      return first + second
  }
  switch (operationOf(node).kind) {
    case 'linear':
      return first * variance
    case 'activation':
      return first / 2
    case 'norm':
      return node.op === 'center' || first === 0 ? first : 1
    default:
      return first
  }
}
