import { backwardPlanned, forwardPlanned } from './planned-block'
import { OPTIMIZERS } from './optimizer'
import { fastMeanSquare, moments } from './statistics'
import type { Tensor } from './tensor'
import type { Layer, Learned, TrainableParameters, Variable } from './trainable-parameters'
import {
  clipFactor,
  gradientSquare,
  heldIn,
  learnedGradients,
  updateRatio,
  weightNorm,
  type Change,
} from './training-parts'
import { throughTop } from './training-top'

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
  const valuesOf = (layer: Layer) =>
    layer.sources.map(
      ({ place, learned }) =>
        (learned?.variable as Tensor) ??
        (place.role === 'noise' ? noise.shift()! : parameters.constant(place)),
    )
  const forward = (layer: Layer, h: Tensor) => {
    const values = valuesOf(layer)
    return { layer, values, trace: forwardPlanned(tf, layer.planned, h, values) }
  }

  const stem = forward(parameters.stem, tf.tile(x, [replicas, 1, 1]))
  const streams = [stem.trace.output]
  const passes = parameters.blocks.map((layer) => {
    const pass = forward(layer, streams[streams.length - 1])
    streams.push(pass.trace.output)
    return pass
  })
  const [weight, bias] = parameters.output.map(({ variable }) => variable as Tensor)
  const values = { head: parameters.head ? valuesOf(parameters.head) : [], weight, bias }
  const top = throughTop(parameters, streams[streams.length - 1], y, values)

  const gradientsOf = [...top.learned]
  const backward = ({ layer, values, trace }: ReturnType<typeof forward>, gradient: Tensor) => {
    const back = backwardPlanned(tf, layer.planned, trace, gradient, values)
    gradientsOf.push(...learnedGradients(layer, back.parameters))
    return back
  }
  const gradients = [top.gradient]
  const weightNorms: Tensor[] = []
  for (const pass of [...passes].reverse()) {
    const back = backward(pass, gradients[0])
    gradients.unshift(back.input)
    if (mode !== 'step') weightNorms.unshift(weightNorm(tf, pass.layer, back.parameters, replicas))
  }
  backward(stem, gradients[0])

  const squares = experiment.clip ? gradientsOf.map(([, gradient]) => gradientSquare(tf, gradient)) : []
  const clip = experiment.clip ? clipFactor(tf, squares, experiment) : null
  const changes = new Map<Learned, Change>()
  for (const [learned, own] of gradientsOf) {
    const gradient = clip ? tf.mul(own, clip) : own
    changes.set(learned, optimizer.update(tf, { ...heldIn(learned), gradient, factors }, experiment))
  }
  const ratios =
    mode === 'step' ? [] : parameters.blocks.map((layer) => updateRatio(tf, layer, heldIn, changes, replicas))
  if (mode !== 'look') assign(changes)
  if (mode === 'step') return [tf.concat([top.loss, top.accuracy])]
  const meanSquare = fastMeanSquare(tf)
  const forwardParts = streams.flatMap((h) => moments(tf, h, meanSquare))
  const backwardParts = gradients.map(meanSquare)
  return [tf.concat([top.loss, top.accuracy, ...forwardParts, ...backwardParts, ...weightNorms, ...ratios])]
}

function assign(changes: ReadonlyMap<Learned, Change>): void {
  for (const [{ variable, slots }, after] of changes) {
    ;[...slots.values()].forEach((slot, i) => slot.assign(after.slots[i] as Variable))
    variable.assign(after.parameter as Variable)
  }
}
