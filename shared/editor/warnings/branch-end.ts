import { operationOf } from '../../operations'
import { isNeverNegative, signOrigin } from '../../operations/sign'
import { addNode } from '../actions'
import { estimatedGrowth } from '../growth'
import { movingToStart, type Finder } from './branch-start'
import { kindOf, removing, type Context, type Warning } from './warning'

/** Branches whose values are never negative. */
export const addsOnly = (context: Context): Warning[] =>
  neverNegative(context).map(({ node, sum }) => ({
    kind: 'adds-only',
    node: node.id,
    text:
      `The branch ends in a ${operationOf(node).title}, so it can only add to the stream: means pile up, and ` +
      (moreThanDoubles(context)
        ? 'the mean square more than doubles in each block.'
        : 'their squares add to the mean square.'),
    mends: [
      {
        label: 'Put a linear layer after it',
        apply: (d) => addNode(d, 'linear', { onEdge: { to: sum.id, slot: 1 } }),
      },
      ...movingToStart(context.draft, node.id, sum.id, neverNegative),
    ],
  }))

/** Once the means are there: in the eleventh block. */
function moreThanDoubles({ draft, experiment, nodes, here }: Context): boolean {
  const [before, after] = [10, 11].map(
    (blocks) => estimatedGrowth(nodes, draft.output, blocks, experiment, here.shapes).last,
  )
  return after > 2 * before
}

const neverNegative: Finder = (context) =>
  context.nodes.flatMap((sum) => {
    const { byId } = context.structure
    const node = sum.op === 'sum' ? signOrigin(sum.inputs[1], (id) => byId.get(id)) : undefined
    return node && isNeverNegative(node) ? [{ node, sum }] : []
  })

/** Branches that end in a norm. */
export const normBeforeSum = (context: Context): Warning[] =>
  endsInNorm(context).map(({ node, sum }) => ({
    kind: 'norm-before-sum',
    node: node.id,
    text:
      'A norm right before the sum gives every branch the same size, whatever its layers have done and ' +
      'however large the stream is.',
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
