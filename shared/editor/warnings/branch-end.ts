import type { GraphNode } from '../../graph/block-graph'
import { addNode } from '../actions'
import { movingToStart, type Finder } from './branch-start'
import { kindOf, removing, type Context, type Warning } from './warning'

/** Branches that end in a ReLU. */
export const addsOnly = (context: Context): Warning[] =>
  endsInRelu(context).map(({ node, sum }) => ({
    kind: 'adds-only',
    node: node.id,
    text:
      'The branch ends in a ReLU, so it can only add to the stream: means pile up, and the mean square ' +
      'grows faster than it doubles.',
    mends: [
      {
        label: 'Put a linear layer after it',
        apply: (d) => addNode(d, 'linear', { onEdge: { to: sum.id, slot: 1 } }),
      },
      ...movingToStart(context.draft, node.id, sum.id, endsInRelu),
    ],
  }))

const endsInRelu: Finder = (context) =>
  context.nodes.flatMap((sum) => {
    const node = sum.op === 'sum' ? signSource(context, sum.inputs[1]) : undefined
    return node?.op === 'relu' ? [{ node, sum }] : []
  })

/** Goes back through what keeps the sign of values. */
function signSource({ structure: { byId } }: Pick<Context, 'structure'>, id: string): GraphNode | undefined {
  for (let node = byId.get(id); node; node = byId.get(node.inputs[0])) {
    const keeps =
      node.op === 'identity' ||
      ['noise', 'pool'].includes(kindOf(node)) ||
      (node.op === 'scale' && node.factor > 0)
    if (!keeps) return node
  }
  return undefined
}

/** Branches that end in a norm. */
export const normBeforeSum = (context: Context): Warning[] =>
  endsInNorm(context).map(({ node, sum }) => ({
    kind: 'norm-before-sum',
    node: node.id,
    text:
      'A norm right before the sum gives every branch the same size, whatever its layers have done: the ' +
      'stream grows by the same amount in each block, not by the same factor.',
    mends: [
      ...movingToStart(context.draft, node.id, sum.id, endsInNorm),
      ...removing(context.draft, node.id),
    ],
  }))

const endsInNorm: Finder = ({ structure: { byId }, nodes }) =>
  nodes.flatMap((sum) => {
    const node = sum.op === 'sum' ? byId.get(sum.inputs[1]) : undefined
    return node && kindOf(node) === 'norm' && node.op !== 'center' ? [{ node, sum }] : []
  })
