import type { Experiment } from '../../../shared/settings/experiment'
import type { Tensor, TfModule } from './tensor'

/** What an optimizer is set to; the learning rate comes with each step. */
export type OptimizerSettings = Pick<
  Experiment,
  'optimizer' | 'momentum' | 'nesterov' | 'beta2' | 'epsilon' | 'weightDecay'
>

/** A parameter and its gradient, both [R, …], before an update. */
interface Before {
  parameter: Tensor
  gradient: Tensor
  /** What is remembered of it, in the order of `slots`. */
  slots: readonly Tensor[]
  /** Scalars, in the order of `factors`. */
  factors: readonly Tensor[]
}

interface After {
  parameter: Tensor
  slots: Tensor[]
}

/** One optimizer, in PyTorch's form. */
interface Optimizer {
  /** The names of what it remembers of each parameter, each of its shape and 0 at the start. */
  slots(settings: OptimizerSettings): string[]
  /**
   * The numbers that differ from step to step: a compiled step takes them as inputs.
   * @param update counts from 1
   */
  factors(settings: OptimizerSettings, rate: number, update: number): number[]
  update(tf: TfModule, before: Before, settings: OptimizerSettings): After
}

/** Coupled weight decay: g + λ w (torch.optim's `weight_decay` but for AdamW). */
function decayed(tf: TfModule, { parameter, gradient }: Before, { weightDecay }: OptimizerSettings): Tensor {
  return weightDecay ? tf.add(gradient, tf.mul(parameter, tf.scalar(weightDecay))) : gradient
}

/** share × before + (1 - share) × now. */
const averaged = (tf: TfModule, before: Tensor, now: Tensor, share: number) =>
  tf.add(tf.mul(before, tf.scalar(share)), tf.mul(now, tf.scalar(1 - share)))

/**
 * torch.optim.SGD without dampening: v ← μ v + g, w ← w - η v; Nesterov: w ← w - η (g + μ v) (Sutskever et al. 2013).
 */
const sgd: Optimizer = {
  slots: ({ momentum }) => (momentum > 0 ? ['velocity'] : []),
  factors: (_, rate) => [rate],
  update(tf, before, settings) {
    const [rate] = before.factors
    const [velocity] = before.slots
    const g = decayed(tf, before, settings)
    const moved = (direction: Tensor) => tf.sub(before.parameter, tf.mul(direction, rate))
    if (!velocity) return { parameter: moved(g), slots: [] }
    const momentum = tf.scalar(settings.momentum)
    const v = tf.add(tf.mul(velocity, momentum), g)
    return { parameter: moved(settings.nesterov === 'on' ? tf.add(g, tf.mul(v, momentum)) : v), slots: [v] }
  },
}

/**
 * Kingma and Ba 2015 as torch.optim.Adam computes it: m ← β₁ m + (1 - β₁) g, s ← β₂ s + (1 - β₂) g²,
 * w ← w - η/(1 - β₁ᵗ) m/(√s/√(1 - β₂ᵗ) + ε).
 */
function adamStep(tf: TfModule, before: Before, gradient: Tensor, settings: OptimizerSettings): After {
  const [rate, correction] = before.factors
  const m = averaged(tf, before.slots[0], gradient, settings.momentum)
  const s = averaged(tf, before.slots[1], tf.square(gradient), settings.beta2)
  const root = tf.add(tf.div(tf.sqrt(s), correction), tf.scalar(settings.epsilon))
  return { parameter: tf.sub(before.parameter, tf.mul(tf.div(m, root), rate)), slots: [m, s] }
}

const adamFactors = ({ momentum, beta2 }: OptimizerSettings, rate: number, update: number) => [
  rate / (1 - momentum ** update),
  Math.sqrt(1 - beta2 ** update),
]

const adam: Optimizer = {
  slots: () => ['mean', 'square'],
  factors: adamFactors,
  update: (tf, before, settings) => adamStep(tf, before, decayed(tf, before, settings), settings),
}

/** Adam after w ← (1 - η λ) w (torch.optim.AdamW; Loshchilov and Hutter 2019). */
const adamw: Optimizer = {
  slots: adam.slots,
  factors: (settings, rate, update) => [
    ...adamFactors(settings, rate, update),
    1 - rate * settings.weightDecay,
  ],
  update(tf, before, settings) {
    const parameter = settings.weightDecay ? tf.mul(before.parameter, before.factors[2]) : before.parameter
    return adamStep(tf, { ...before, parameter }, before.gradient, settings)
  },
}

/**
 * torch.optim.RMSprop: s ← α s + (1 - α) g², v ← μ v + g/(√s + ε), w ← w - η v; without momentum v is g/(√s + ε)
 * (Tieleman and Hinton 2012).
 */
const rmsprop: Optimizer = {
  slots: ({ momentum }) => ['square', ...(momentum > 0 ? ['velocity'] : [])],
  factors: (_, rate) => [rate],
  update(tf, before, settings) {
    const [square, velocity] = before.slots
    const g = decayed(tf, before, settings)
    const s = averaged(tf, square, tf.square(g), settings.beta2)
    const scaled = tf.div(g, tf.add(tf.sqrt(s), tf.scalar(settings.epsilon)))
    const moved = (direction: Tensor) => tf.sub(before.parameter, tf.mul(direction, before.factors[0]))
    if (!velocity) return { parameter: moved(scaled), slots: [s] }
    const v = tf.add(tf.mul(velocity, tf.scalar(settings.momentum)), scaled)
    return { parameter: moved(v), slots: [s, v] }
  },
}

export const OPTIMIZERS: Readonly<Record<Experiment['optimizer'], Optimizer>> = { sgd, adam, adamw, rmsprop }
