import type { Backend } from '../backend'
import { nodeLabel } from '../../../shared/operations'
import type { PlannedBlock } from '../../../shared/network/plan'
import type { FirstNonFinite } from '../../../shared/network/results'
import { backwardPlanned, forwardPlanned } from './planned-block'
import type { Tensor, TfModule } from './tensor'

type Found = Pick<FirstNonFinite, 'quantity' | 'operation'>

/**
 * Which operation of a block first gives a value that is not finite; none: only the mean square overflowed.
 * Runs eagerly, once.
 */
export function findForwardNonFinite({ tf }: Backend, block: PlannedBlock, h: Tensor, flat: Tensor[]): Found {
  return tf.tidy(() => {
    const trace = forwardPlanned(tf, block, h, flat)
    const id = [...trace.values.keys()].find((key) => !allFinite(tf, trace.values.get(key)!))
    if (id !== undefined) return { quantity: 'activation', operation: nodeLabel(block.graph, id) }
    return { quantity: 'mean square', operation: 'mean square of h' }
  })
}

/**
 * Which operation of a block first gives a gradient that is not finite, from the block's output down to its input. Runs
 * eagerly, once.
 */
export function findBackwardNonFinite(
  { tf }: Backend,
  block: PlannedBlock,
  h: Tensor,
  gradient: Tensor,
  flat: Tensor[],
): Found {
  return tf.tidy(() => {
    const trace = forwardPlanned(tf, block, h, flat)
    const { edges } = backwardPlanned(tf, block, trace, gradient, flat)
    const id = [...edges.keys()].find((key) => !allFinite(tf, edges.get(key)!))
    if (id !== undefined)
      return { quantity: 'gradient', operation: `gradient at ${nodeLabel(block.graph, id)}` }
    return { quantity: 'gradient', operation: 'mean square of the gradient' }
  })
}

function allFinite(tf: TfModule, tensor: Tensor): boolean {
  return tf.all(tf.isFinite(tensor)).dataSync()[0] === 1
}
