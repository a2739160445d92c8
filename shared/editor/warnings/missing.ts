import { INPUT } from '../../graph/block-graph'
import { END } from '../../block/draft'
import { addNode, wrapInSkip } from '../actions'
import type { Slot } from '../structure'
import { kindOf, type Context, type Warning } from './warning'

/** A block without a layer to learn. */
export function withoutLinear({ nodes, draft }: Context): Warning[] {
  if (!nodes.length || nodes.some((node) => kindOf(node) === 'linear')) return []
  const sum = nodes.find((node) => node.op === 'sum')
  const onEdge: Slot = sum ? { to: sum.id, slot: 1 } : { to: END, slot: 0 }
  const isConnected = sum ? sum.inputs[1] !== '' : draft.output !== ''
  return [
    {
      kind: 'no-linear',
      node: '',
      text: 'The block has no linear layer: no unit sees another one, and there is next to nothing to learn.',
      mends: isConnected
        ? [
            {
              label: sum ? 'Put a linear layer at the branch’s end' : 'Put a linear layer at the end',
              apply: (d) => addNode(d, 'linear', { onEdge }),
            },
          ]
        : [],
    },
  ]
}

/** A block without a skip connection. */
export function withoutSum({ nodes, structure: { used } }: Context): Warning[] {
  if (!nodes.length || nodes.some((node) => node.op === 'sum')) return []
  const isWhole = nodes.every(({ inputs }) => inputs.every((input) => input !== ''))
  return [
    {
      kind: 'no-sum',
      node: '',
      text:
        'The block has no sum: without a skip connection it is a plain network, and gradients go through ' +
        'every layer of it.',
      mends: isWhole
        ? [
            {
              label: 'Add a skip connection',
              apply: (d) =>
                wrapInSkip(
                  d,
                  [...used].filter((id) => id !== INPUT),
                ),
            },
          ]
        : [],
    },
  ]
}
