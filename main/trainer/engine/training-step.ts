import { positions } from '../../../shared/numerics/shape'
import { classScores, crossEntropy, pooled, unpooled } from './classifier'
import { backwardPlanned, forwardPlanned } from './planned-block'
import { fastMeanSquare, linearNodes, moments, weightGradientSquare } from './statistics'
import type { Tensor, TfModule } from './tensor'
import type { Layer, TrainableParameters, Variable } from './trainable-parameters'

/** A step with its losses alone, or with all its statistics; the latter alone, without an update. */
export type Mode = 'step' | 'probed step' | 'look'

/**
 * One step as plain TensorFlow.js: forward, backward by the operations' own derivatives, update, statistics.
 * @param inputs x [1, B × positions, units], one-hot y [1, B, 10], the learning rate [], and each noise [R, …]
 * @returns one vector: loss and accuracy [R each]; but for a plain step also q, v, m of h_0..h_L, the mean squared
 * gradient with respect to h_0..h_L, the squared norm of the weight gradients of blocks 1..L, and the norm of their
 * weights' update as a share of the weights' own
 */
export function trainingStep(
  parameters: TrainableParameters,
  mode: Mode,
  [x, y, rate, ...noise]: Tensor[],
): Tensor[] {
  const { backend, experiment, output } = parameters
  const { tf } = backend
  const { replicas } = experiment
  const flat = (layer: Layer) =>
    layer.sources.map(
      ({ place, variable }) =>
        variable ?? (place.role === 'noise' ? noise.shift()! : parameters.constant(place)),
    )
  const forward = (layer: Layer, h: Tensor) => {
    const values = flat(layer)
    return { layer, values, trace: forwardPlanned(tf, layer.planned, h, values) }
  }
  const updates: [Variable, Tensor][] = []
  const backward = ({ layer, values, trace }: ReturnType<typeof forward>, gradient: Tensor) => {
    const back = backwardPlanned(tf, layer.planned, trace, gradient, values)
    updates.push(...learnedGradients(layer, back.parameters))
    return back
  }

  const stem = forward(parameters.stem, tf.tile(x, [replicas, 1, 1]))
  const streams = [stem.trace.output]
  const passes = parameters.blocks.map((layer) => {
    const pass = forward(layer, streams[streams.length - 1])
    streams.push(pass.trace.output)
    return pass
  })
  const last = streams[streams.length - 1]
  const head = parameters.head && forward(parameters.head, last)
  const grid = positions(parameters.top)
  const features = pooled(tf, head ? head.trace.output : last, grid)
  const logits = classScores(tf, features, output)
  const { loss, accuracy, gradient: logitGradient } = crossEntropy(backend, logits, y, replicas)

  updates.push(
    [output[0], tf.matMul(features, logitGradient, true, false)],
    [output[1], tf.sum(logitGradient, 1, true)],
  )
  const spread = unpooled(tf, tf.matMul(logitGradient, output[0] as Tensor, false, true), grid)
  const gradients = [head ? backward(head, spread).input : spread]
  const weightNorms: Tensor[] = []
  for (const pass of [...passes].reverse()) {
    const back = backward(pass, gradients[0])
    gradients.unshift(back.input)
    if (mode !== 'step') {
      const ofWeights = linearNodes(pass.layer.planned.graph).flatMap(
        (id) => back.parameters.get(id)?.slice(0, 1) ?? [],
      )
      weightNorms.unshift(weightGradientSquare(tf, ofWeights, replicas))
    }
  }
  backward(stem, gradients[0])

  const changes = changesOf(parameters, updates, rate)
  const ratios =
    mode === 'step' ? [] : parameters.blocks.map((layer) => updateRatio(tf, layer, changes, replicas))
  if (mode !== 'look') apply(changes)
  if (mode === 'step') return [tf.concat([loss, accuracy])]
  const meanSquare = fastMeanSquare(tf)
  const forwardParts = streams.flatMap((h) => moments(tf, h, meanSquare))
  const backwardParts = gradients.map(meanSquare)
  return [tf.concat([loss, accuracy, ...forwardParts, ...backwardParts, ...weightNorms, ...ratios])]
}

/** Each learned parameter with its gradient; nodes that the output does not depend on have none. */
function learnedGradients({ sources }: Layer, gradients: Map<string, Tensor[]>): [Variable, Tensor][] {
  const left = new Map([...gradients].map(([node, list]) => [node, [...list]]))
  return sources.flatMap(({ place, variable }): [Variable, Tensor][] => {
    const gradient = variable && left.get(place.node)?.shift()
    return gradient ? [[variable, gradient]] : []
  })
}

/** What a step is about to do: each variable's new value, and what that adds to a parameter. */
interface Changes {
  values: [Variable, Tensor][]
  /** By parameter; less the sign. */
  steps: Map<Variable, Tensor>
}

/**
 * SGD with momentum in PyTorch's form (torch.optim.SGD): velocity = momentum × velocity + gradient,
 * parameter -= rate × velocity.
 */
function changesOf(
  { backend, experiment, velocities }: TrainableParameters,
  updates: [Variable, Tensor][],
  rate: Tensor,
): Changes {
  const { tf } = backend
  const momentum = tf.scalar(experiment.momentum)
  const changes: Changes = { values: [], steps: new Map() }
  for (const [variable, gradient] of updates) {
    const velocity = velocities.get(variable)
    const direction = velocity ? tf.add(tf.mul(velocity, momentum), gradient) : gradient
    if (velocity) changes.values.push([velocity, direction])
    const step = tf.mul(direction, rate)
    changes.steps.set(variable, step)
    changes.values.push([variable, tf.sub(variable, step)])
  }
  return changes
}

function apply({ values }: Changes): void {
  for (const [variable, value] of values) variable.assign(value as Variable)
}

/** ‖Δw‖/‖w‖ over the weights of a block's linear layers, [R]. */
function updateRatio(tf: TfModule, layer: Layer, { steps }: Changes, replicas: number): Tensor {
  const linear = new Set(linearNodes(layer.planned.graph))
  const weights = layer.sources.flatMap(({ place, variable }) =>
    variable && place.role === 'weight' && linear.has(place.node) ? [variable] : [],
  )
  const changed = weights.flatMap((weight) => steps.get(weight) ?? [])
  const square = (tensors: Tensor[]) => weightGradientSquare(tf, tensors, replicas)
  return tf.sqrt(tf.div(square(changed), square(weights as Tensor[])))
}
