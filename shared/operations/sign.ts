import type { GraphNode } from '../graph/block-graph'
import { operationOf } from './'

/**
 * Where the sign of a node's values comes from: back along first inputs through what keeps it.
 * @param nodeAt undefined for what is no node, as the block's input
 * @param passes of the operations that keep the sign, those that it goes through; the default: all
 * @returns the first node that does not keep it, or that is not passed; undefined where the way ends before
 */
export function signOrigin(
  id: string,
  nodeAt: (id: string) => GraphNode | undefined,
  passes: (node: GraphNode) => boolean = () => true,
): GraphNode | undefined {
  for (let node = nodeAt(id); node; node = nodeAt(node.inputs[0])) {
    if (operationOf(node).sign?.(node) !== 'kept' || !passes(node)) return node
  }
  return undefined
}

/** Whether no value of the node's output is below 0. */
export const isNeverNegative = (node: GraphNode) => operationOf(node).sign?.(node) === 'never negative'
