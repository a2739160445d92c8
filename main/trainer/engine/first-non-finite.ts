import type { Backend } from '../backend'
import type { BlockGraph } from '../../../shared/graph'
import { backwardBlock, forwardBlock } from '../../../shared/interpreter'
import { nodeLabel } from '../../../shared/operations'
import type { FirstNonFinite } from '../../../shared/protocol'
import { tensorMath, type Tensor, type TfModule } from './tensor-math'
import { byNode } from './weights'

type Found = Pick<FirstNonFinite, 'quantity' | 'operation'>

/** Which operation of a block first gives a value that is not finite; none: only the mean square overflowed. Runs eagerly, once. */
export function findForwardNonFinite(
  backend: Backend,
  graph: BlockGraph,
  width: number,
  h: Tensor,
  flat: Tensor[],
): Found {
  const { tf } = backend
  return tf.tidy(() => {
    const trace = forwardBlock(tensorMath(tf), graph, byNode(graph, width, flat), h)
    const id = [...trace.values.keys()].find((key) => !allFinite(tf, trace.values.get(key)!))
    if (id !== undefined) return { quantity: 'activation', operation: nodeLabel(graph, id) }
    return { quantity: 'mean square', operation: 'mean square of h' }
  })
}

/** The same for the gradient, from the block's output down to its input. */
export function findBackwardNonFinite(
  backend: Backend,
  graph: BlockGraph,
  width: number,
  h: Tensor,
  gradient: Tensor,
  flat: Tensor[],
): Found {
  const { tf } = backend
  return tf.tidy(() => {
    const parameters = byNode(graph, width, flat)
    const math = tensorMath(tf)
    const trace = forwardBlock(math, graph, parameters, h)
    const { edges } = backwardBlock(math, graph, parameters, trace, gradient)
    const id = [...edges.keys()].find((key) => !allFinite(tf, edges.get(key)!))
    if (id !== undefined) return { quantity: 'gradient', operation: `gradient at ${nodeLabel(graph, id)}` }
    return { quantity: 'gradient', operation: 'mean square of the gradient' }
  })
}

function allFinite(tf: TfModule, tensor: Tensor): boolean {
  return tf.all(tf.isFinite(tensor)).dataSync()[0] === 1
}
