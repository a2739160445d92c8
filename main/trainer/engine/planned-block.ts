import {
  backwardBlock,
  forwardBlock,
  type BatchStatistics,
  type BlockTrace,
} from '../../../shared/block/interpreter'
import type { PlannedBlock } from '../../../shared/network/plan'
import { tensorMath } from './tensor-math'
import type { Tensor, TfModule } from './tensor'
import { byNode } from './weights'

/**
 * One block forward on TensorFlow.js; its parameters are a flat list, in the order of `blockParameters`.
 * @param statistics over the batch, where they are not this batch's
 */
export function forwardPlanned(
  tf: TfModule,
  { graph, place, shapes }: PlannedBlock,
  h: Tensor,
  flat: Tensor[],
  statistics?: BatchStatistics<Tensor>,
): BlockTrace<Tensor> {
  return forwardBlock(tensorMath(tf), graph, byNode(graph, place, flat), h, statistics, shapes)
}

/**
 * One block backward on TensorFlow.js: from the gradient with respect to h_k those with respect to h_{k-1}
 * [R, B × positions, N] and to the parameters, by node. Derivatives are those of the operations (shared/operations).
 */
export function backwardPlanned(
  tf: TfModule,
  { graph, place }: PlannedBlock,
  trace: BlockTrace<Tensor>,
  gradient: Tensor,
  flat: Tensor[],
) {
  return backwardBlock(tensorMath(tf), graph, byNode(graph, place, flat), trace, gradient)
}
