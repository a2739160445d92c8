import type { Backend } from '../backend'
import { nodeLabel } from '../../../shared/operations'
import type { PlannedBlock } from '../../../shared/network/plan'
import type { FirstNonFinite } from '../../../shared/network/results'
import { backwardPlanned, forwardPlanned } from './planned-block'
import type { Tensor, TfModule } from './tensor'
import { takeValues } from './tensor-values'

export type Found = Pick<FirstNonFinite, 'quantity' | 'operation'>

/**
 * Which operation of a block first gives a value that is not finite; none: only the mean square overflowed.
 * Runs eagerly, once. @param flat its parameters; what it makes is disposed of
 */
export async function findForwardNonFinite(
  { tf }: Backend,
  block: PlannedBlock,
  h: Tensor,
  flat: () => Tensor[],
): Promise<Found> {
  const id = await firstBroken(tf, () => forwardPlanned(tf, block, h, flat()).values)
  if (id !== null) return { quantity: 'activation', operation: nodeLabel(block.graph, id) }
  return { quantity: 'mean square', operation: 'mean square of h' }
}

/**
 * Which operation of a block first gives a gradient that is not finite, from the block's output down to its input. Runs
 * eagerly, once.
 */
export async function findBackwardNonFinite(
  { tf }: Backend,
  block: PlannedBlock,
  h: Tensor,
  gradient: Tensor,
  flat: Tensor[],
): Promise<Found> {
  const id = await firstBroken(tf, () => {
    const trace = forwardPlanned(tf, block, h, flat)
    return backwardPlanned(tf, block, trace, gradient, flat).edges
  })
  if (id !== null) return { quantity: 'gradient', operation: `gradient at ${nodeLabel(block.graph, id)}` }
  return { quantity: 'gradient', operation: 'mean square of the gradient' }
}

/** The first of the tensors that has a value that is not finite, by its name; null: none has. */
async function firstBroken(tf: TfModule, make: () => Map<string, Tensor>): Promise<string | null> {
  let names: string[] = []
  const flags = tf.tidy(() => {
    const tensors = make()
    names = [...tensors.keys()]
    return tf.stack([...tensors.values()].map((tensor) => allFinite(tf, tensor)))
  })
  const first = (await takeValues(flags)).indexOf(0)
  return first < 0 ? null : names[first]
}

/** 1 where all values are finite, else 0; []. To be called in a tidy. */
export function allFinite(tf: TfModule, tensor: Tensor): Tensor {
  return tf.cast(tf.all(tf.isFinite(tensor)), 'float32')
}
