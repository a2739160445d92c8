import { describedData } from '../../../shared/data/data-sets'
import { positions } from '../../../shared/numerics/shape'
import { lossOf } from './loss'
import { backwardPlanned, forwardPlanned } from './planned-block'
import { pooled, readout, unpooled } from './readout'
import type { Tensor } from './tensor'
import type { Learned, TrainableParameters } from './trainable-parameters'
import { learnedGradients } from './training-parts'

/** What is above the blocks: the head's parameters, and those of the linear layer to the outputs. */
export interface TopValues {
  head: Tensor[]
  weight: Tensor
  bias: Tensor
}

/**
 * From h_L [R, B × positions, N] to the loss, and back.
 * @param y what is to be put out, [1, B, outputs]
 * @returns loss and accuracy, [R] each; the loss's gradient with respect to h_L, and those of what is learned up here,
 * from the top down
 */
export function throughTop(
  parameters: TrainableParameters,
  h: Tensor,
  y: Tensor,
  { head: flat, weight, bias }: TopValues,
): { loss: Tensor; accuracy: Tensor; gradient: Tensor; learned: [Learned, Tensor][] } {
  const { backend, experiment, head, output } = parameters
  const { tf } = backend
  const trace = head && forwardPlanned(tf, head.planned, h, flat)
  const grid = positions(parameters.top)
  const features = pooled(tf, trace ? trace.output : h, grid)
  const outputs = readout(tf, features, [weight, bias])
  const found = lossOf(describedData(experiment))(tf, outputs, y)
  const learned: [Learned, Tensor][] = [
    [output[0], tf.matMul(features, found.gradient, true, false)],
    [output[1], tf.sum(found.gradient, 1, true)],
  ]
  const spread = unpooled(tf, tf.matMul(found.gradient, weight, false, true), grid)
  const { loss, accuracy } = found
  if (!trace) return { loss, accuracy, gradient: spread, learned }
  const back = backwardPlanned(tf, head.planned, trace, spread, flat)
  learned.push(...learnedGradients(head, back.parameters))
  return { loss, accuracy, gradient: back.input, learned }
}
