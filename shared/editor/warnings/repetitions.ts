import { labelOf } from '../../block/draft'
import { addNode } from '../actions'
import { isJoin, kindOf, removing, type Context, type Warning } from './warning'

/** Activations, or linear layers, that follow each other directly. */
export function repetitions({ draft, structure: { byId, users, shapes }, nodes }: Context): Warning[] {
  return nodes.flatMap((node): Warning[] => {
    const before = byId.get(node.inputs[0])
    if (!before || isJoin(node)) return []
    const names = [labelOf(draft, before.id), labelOf(draft, node.id)]
    if (kindOf(node) === 'activation' && kindOf(before) === 'activation') {
      const isIdle = node.op === 'relu' && before.op === 'relu'
      return [
        {
          kind: 'repeated-activation',
          node: node.id,
          text: isIdle
            ? 'A ReLU right after a ReLU changes nothing: there are no negative values left.'
            : `The ${names[1]} comes right after the ${names[0]}: two activations without a linear layer ` +
              'between them do the work of one.',
          mends: [
            ...removing(draft, node.id),
            {
              label: 'Put a linear layer between them',
              apply: (d) => addNode(d, 'linear', { onEdge: { to: node.id, slot: 0 } }),
            },
          ],
        },
      ]
    }
    const isOnlyReader = users.get(before.id)!.length === 1
    if (node.op !== 'linear' || before.op !== 'linear' || !isOnlyReader) return []
    // A narrow layer between two others is a choice: fewer parameters, lower rank.
    const [from, middle, to] = [before.inputs[0], before.id, node.id].map((id) => shapes.get(id)?.units ?? 0)
    if (middle < Math.min(from, to)) return []
    return [
      {
        kind: 'repeated-linear',
        node: node.id,
        text: `The ${names[0]} and the ${names[1]} follow each other: together they are no more than one linear layer.`,
        mends: [
          {
            label: 'Put a ReLU between them',
            apply: (d) => addNode(d, 'relu', { onEdge: { to: node.id, slot: 0 } }),
          },
          ...removing(draft, node.id),
        ],
      },
    ]
  })
}
