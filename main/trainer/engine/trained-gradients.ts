import { backwardBlock } from '../../../shared/block/interpreter'
import { forwardPlanned } from './planned-block'
import type { Tensor } from './tensor'
import { tensorMath } from './tensor-math'
import type { Layer } from './trainable-parameters'
import type { TrainableSeries } from './trainable-series'
import { byNode } from './weights'

/** What goes into each layer, and what comes out of the last: one more than layers. To be called in a tidy. */
export const statesThrough = (
  { evaluation }: TrainableSeries,
  layers: readonly Layer[],
  input: Tensor,
): Tensor[] =>
  layers.reduce<Tensor[]>(
    (states, layer) => [...states, evaluation.passBlock(layer, states[states.length - 1])],
    [input],
  )

/**
 * Gradients at what goes into the first layer, given those at what comes out of the last, sample by sample: in
 * evaluation, noise at its mean and statistics over a batch held constant. To be called in a tidy.
 * @param states as `statesThrough` has them
 * @param gradients of several outputs, [R, B × positions, N] each: what they share is computed once
 */
export function pulledBack(
  { backend: { tf }, evaluation, parameters }: TrainableSeries,
  layers: readonly Layer[],
  states: readonly Tensor[],
  gradients: Tensor[],
): Tensor[] {
  const math = tensorMath(tf)
  return layers.reduceRight(
    (above, layer, i) =>
      tf.tidy(() => {
        const { graph, place } = layer.planned
        const flat = parameters.expected(layer)
        const trace = forwardPlanned(tf, layer.planned, states[i], flat, evaluation.statisticsOf(layer))
        const own = byNode(graph, place, flat)
        return above.map((gradient) => backwardBlock(math, graph, own, trace, gradient, true).input)
      }),
    gradients,
  )
}
