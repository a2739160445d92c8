import { describedData } from '../../../shared/data/data-sets'
import type { Experiment } from '../../../shared/settings/experiment'
import { positions } from '../../../shared/numerics/shape'
import { lossOf } from './loss'
import { OPTIMIZERS } from './optimizer'
import { backwardPlanned, forwardPlanned } from './planned-block'
import { pooled, readout, unpooled } from './readout'
import { fastMeanSquare, linearNodes, moments, weightGradientSquare } from './statistics'
import type { Tensor, TfModule } from './tensor'
import type { Layer, Learned, TrainableParameters, Variable } from './trainable-parameters'

/** A step with its losses alone, or with all its statistics; the latter alone, without an update. */
export type Mode = 'step' | 'probed step' | 'look'

/**
 * One step as plain TensorFlow.js: forward, backward by the operations' own derivatives, update, statistics.
 * @param inputs x [1, B × positions, units], what is to be put out y [1, B, outputs], the optimizer's factors [] each,
 * and each noise [R, …]
 * @returns one vector: loss and accuracy [R each]; but for a plain step also q, v, m of h_0..h_L, the mean squared
 * gradient with respect to h_0..h_L, the squared norm of the weight gradients of blocks 1..L, and the norm of their
 * weights' update as a share of the weights' own
 */
export function trainingStep(
  parameters: TrainableParameters,
  mode: Mode,
  [x, y, ...rest]: Tensor[],
): Tensor[] {
  const { backend, experiment } = parameters
  const { tf } = backend
  const { replicas } = experiment
  const optimizer = OPTIMIZERS[experiment.optimizer]
  const factors = rest.slice(0, optimizer.factors(experiment, 0, 1).length)
  const noise = rest.slice(factors.length)
  const [outputWeight, outputBias] = parameters.output
  const output = [outputWeight.variable as Tensor, outputBias.variable as Tensor] as const
  const flat = (layer: Layer) =>
    layer.sources.map(
      ({ place, learned }) =>
        learned?.variable ?? (place.role === 'noise' ? noise.shift()! : parameters.constant(place)),
    )
  const forward = (layer: Layer, h: Tensor) => {
    const values = flat(layer)
    return { layer, values, trace: forwardPlanned(tf, layer.planned, h, values) }
  }
  const gradientsOf: [Learned, Tensor][] = []
  const backward = ({ layer, values, trace }: ReturnType<typeof forward>, gradient: Tensor) => {
    const back = backwardPlanned(tf, layer.planned, trace, gradient, values)
    gradientsOf.push(...learnedGradients(layer, back.parameters))
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
  const outputs = readout(tf, features, output)
  const { loss, accuracy, gradient: outputGradient } = lossOf(describedData(experiment))(tf, outputs, y)

  gradientsOf.push(
    [outputWeight, tf.matMul(features, outputGradient, true, false)],
    [outputBias, tf.sum(outputGradient, 1, true)],
  )
  const spread = unpooled(tf, tf.matMul(outputGradient, output[0], false, true), grid)
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

  const changes = new Map<Learned, ReturnType<typeof optimizer.update>>()
  for (const [learned, gradient] of clipped(tf, gradientsOf, experiment)) {
    const { variable, slots } = learned
    const before = {
      parameter: variable as Tensor,
      gradient,
      slots: [...slots.values()] as Tensor[],
      factors,
    }
    changes.set(learned, optimizer.update(tf, before, experiment))
  }
  const ratios =
    mode === 'step' ? [] : parameters.blocks.map((layer) => updateRatio(tf, layer, changes, replicas))
  if (mode !== 'look') assign(changes)
  if (mode === 'step') return [tf.concat([loss, accuracy])]
  const meanSquare = fastMeanSquare(tf)
  const forwardParts = streams.flatMap((h) => moments(tf, h, meanSquare))
  const backwardParts = gradients.map(meanSquare)
  return [tf.concat([loss, accuracy, ...forwardParts, ...backwardParts, ...weightNorms, ...ratios])]
}

/** Each learned parameter with its gradient; nodes that the output does not depend on have none. */
function learnedGradients({ sources }: Layer, gradients: Map<string, Tensor[]>): [Learned, Tensor][] {
  const left = new Map([...gradients].map(([node, list]) => [node, [...list]]))
  return sources.flatMap(({ place, learned }): [Learned, Tensor][] => {
    const gradient = learned && left.get(place.node)?.shift()
    return gradient ? [[learned, gradient]] : []
  })
}

/**
 * Each network's gradient times min(1, c/(‖g‖ + 10⁻⁶)), where the norm is that of all its parameters' gradients
 * together (torch.nn.utils.clip_grad_norm_; Pascanu et al. 2013).
 */
function clipped(
  tf: TfModule,
  gradients: readonly [Learned, Tensor][],
  { clip, replicas }: Pick<Experiment, 'clip' | 'replicas'>,
): readonly [Learned, Tensor][] {
  if (!clip) return gradients
  // In one pass (`sumOfSquares`) it rounds otherwise where statistics ask for the same: a look would change training.
  const squares = gradients.map(([, gradient]) => tf.sum(tf.square(gradient), [-2, -1]))
  const norm = tf.sqrt(tf.addN(squares))
  const factor = tf.minimum(tf.div(tf.scalar(clip), tf.add(norm, tf.scalar(1e-6))), tf.scalar(1))
  const each = tf.reshape(factor, [replicas, 1, 1])
  return gradients.map(([learned, gradient]) => [learned, tf.mul(gradient, each)])
}

/** What an optimizer makes of parameters and of what it remembers of them. */
type Changes = ReadonlyMap<Learned, { parameter: Tensor; slots: Tensor[] }>

function assign(changes: Changes): void {
  for (const [{ variable, slots }, after] of changes) {
    ;[...slots.values()].forEach((slot, i) => slot.assign(after.slots[i] as Variable))
    variable.assign(after.parameter as Variable)
  }
}

/** ‖Δw‖/‖w‖ over the weights of a block's linear layers, [R]. */
function updateRatio(tf: TfModule, layer: Layer, changes: Changes, replicas: number): Tensor {
  const linear = new Set(linearNodes(layer.planned.graph))
  const weights = layer.sources.flatMap(({ place, learned }) =>
    learned && place.role === 'weight' && linear.has(place.node) ? [learned] : [],
  )
  const steps = weights.flatMap((weight) => {
    const after = changes.get(weight)
    return after ? [tf.sub(after.parameter, weight.variable)] : []
  })
  const square = (tensors: Tensor[]) => weightGradientSquare(tf, tensors, replicas)
  return tf.sqrt(tf.div(square(steps), square(weights.map(({ variable }) => variable as Tensor))))
}
