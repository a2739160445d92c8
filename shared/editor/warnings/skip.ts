import type { GraphNode } from '../../graph/block-graph'
import { sameShape } from '../../numerics/shape'
import { labelOf } from '../../block/draft'
import { movingToStart, type Finder } from './branch-start'
import { isJoin, kindOf, removing, type Context, type Warning } from './warning'

/** What operations on the way that the skip connections take do to it. */
const ON_THE_SKIP: Partial<Record<string, string>> = {
  activation:
    'so the skip connection is not an identity: what it cuts off is lost to all blocks after it, and so ' +
    'are its gradients.',
  norm:
    'so the skip connection is not an identity: every block changes the size of all that came before, and ' +
    'of its gradients.',
  noise:
    'so the stream itself is lost at random, and all that came before with it; noise belongs on the branch.',
  linear:
    'so the skip connection is not an identity: gradients are multiplied by its weights in every block, as ' +
    'in a plain network.',
}

/** Operations on the way from the block's input to its output along skip connections. */
export const onTheSkip = (context: Context): Warning[] =>
  onSkip(context).map(({ node, sum }) => {
    const label = labelOf(context.draft, node.id)
    return {
      kind: 'on-the-skip',
      node: node.id,
      text: `The ${label} stands on the way from block to block, ${ON_THE_SKIP[kindOf(node)]}`,
      mends: [
        ...(kindOf(node) === 'linear' ? [] : movingToStart(context.draft, node.id, sum.id, onSkip)),
        ...removing(context.draft, node.id, `Take the ${label} off the skip`),
      ],
    }
  })

const onSkip: Finder = (context) => {
  const sum = context.nodes.find((node) => node.op === 'sum')
  if (!sum) return []
  return skipPath(context).flatMap((node) => {
    const [from, to] = [node.inputs[0], node.id].map((id) => context.structure.shapes.get(id))
    // A projection has to be there.
    return ON_THE_SKIP[kindOf(node)] && from && to && sameShape(from, to) ? [{ node, sum }] : []
  })
}

/** From the output back along skip connections. */
function skipPath({ draft, structure: { byId } }: Pick<Context, 'draft' | 'structure'>): GraphNode[] {
  const path: GraphNode[] = []
  for (let node = byId.get(draft.output); node; node = byId.get(node.inputs[0])) {
    if (!isJoin(node)) path.push(node)
  }
  return path
}
