/** Parts of a training step, as plain TensorFlow.js: what is common to steps that run whole and in segments. */
import type { Experiment } from '../../../shared/settings/experiment'
import { ancestors } from '../../../shared/graph/block-graph'
import { OPTIMIZERS } from './optimizer'
import { linearNodes, weightGradientSquare } from './statistics'
import type { Tensor, TfModule } from './tensor'
import type { Layer, Learned } from './trainable-parameters'

/** A learned parameter as it is before a step, with what the optimizer remembers of it. */
export interface Held {
  parameter: Tensor
  slots: readonly Tensor[]
}

export const heldIn = ({ variable, slots }: Learned): Held => ({
  parameter: variable as Tensor,
  slots: [...slots.values()] as Tensor[],
})

/** What an optimizer makes of a parameter and of what it remembers of it. */
export type Change = ReturnType<(typeof OPTIMIZERS)['sgd']['update']>

/** A layer's parameters that have gradients, in its order: the output depends on their nodes. */
export function trainedOf({ planned: { graph }, sources }: Layer): Learned[] {
  const counted = ancestors(graph, graph.output)
  return sources.flatMap(({ place, learned }) => (learned && counted.has(place.node) ? [learned] : []))
}

/** Each parameter of `trainedOf` with its gradient. @param gradients by node (`backwardPlanned`) */
export function learnedGradients(
  layer: Layer,
  gradients: ReadonlyMap<string, Tensor[]>,
): [Learned, Tensor][] {
  const left = new Map([...gradients].map(([node, list]) => [node, [...list]]))
  const trained = new Set(trainedOf(layer))
  return layer.sources.flatMap(({ place, learned }): [Learned, Tensor][] =>
    learned && trained.has(learned) ? [[learned, left.get(place.node)!.shift()!]] : [],
  )
}

/**
 * Σ g² of one parameter in each network, [R]. In one pass (`sumOfSquares`) it rounds otherwise where statistics ask for
 * the same: a look would change training.
 */
export const gradientSquare = (tf: TfModule, gradient: Tensor): Tensor =>
  tf.sum(tf.square(gradient), [-2, -1])

/**
 * What each network's gradients are multiplied by, [R, 1, 1]: min(1, c/(‖g‖ + 10⁻⁶)), where the norm is that of all
 * its parameters' gradients together (torch.nn.utils.clip_grad_norm_; Pascanu et al. 2013).
 * @param squares of every parameter, from the top down (`gradientSquare`)
 */
export function clipFactor(tf: TfModule, squares: Tensor[], { clip }: Pick<Experiment, 'clip'>): Tensor {
  const norm = tf.sqrt(tf.addN(squares))
  const factor = tf.minimum(tf.div(tf.scalar(clip), tf.add(norm, tf.scalar(1e-6))), tf.scalar(1))
  return tf.reshape(factor, [-1, 1, 1])
}

/**
 * ‖Δw‖/‖w‖ over the weights of a block's linear layers, [R].
 * @param held before the step @param changes what the step makes of them
 */
export function updateRatio(
  tf: TfModule,
  layer: Layer,
  held: (learned: Learned) => Held,
  changes: ReadonlyMap<Learned, Change>,
  replicas: number,
): Tensor {
  const linear = new Set(linearNodes(layer.planned.graph))
  const trained = new Set(trainedOf(layer))
  const weights = layer.sources.flatMap(({ place, learned }) =>
    learned && trained.has(learned) && place.role === 'weight' && linear.has(place.node) ? [learned] : [],
  )
  const steps = weights.map((weight) => tf.sub(changes.get(weight)!.parameter, held(weight).parameter))
  const square = (tensors: Tensor[]) => weightGradientSquare(tf, tensors, replicas)
  return tf.sqrt(tf.div(square(steps), square(weights.map((weight) => held(weight).parameter))))
}

/** Squared norm of the weight gradients of a block's linear layers, [R]. @param gradients by node */
export function weightNorm(
  tf: TfModule,
  { planned }: Layer,
  gradients: ReadonlyMap<string, Tensor[]>,
  replicas: number,
): Tensor {
  const ofWeights = linearNodes(planned.graph).flatMap((id) => gradients.get(id)?.slice(0, 1) ?? [])
  return weightGradientSquare(tf, ofWeights, replicas)
}
