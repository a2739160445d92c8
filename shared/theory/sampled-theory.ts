import { INPUT } from '../graph/block-graph'
import {
  addParticles,
  freshParticles,
  mapParticles,
  squareMean,
  type ParticleSize,
  type Particles,
} from '../moments/trajectories'
import { operationOf } from '../operations'
import type { EdgeReading, GradientReading } from './traversal'
import { spentBehind } from './walk'

/**
 * A gradient on trajectories: Gaussian, independent between samples but for what a norm has centred. Its amplitude at
 * every unit and sample is signed, so that parts of one origin add up or cancel.
 */
export interface Amplitudes {
  /** [units, samples], row-major. */
  values: Float64Array
  /**
   * How centred the Gaussian is over samples, as in Gradient: the covariance of two samples is -centred/(S - 1) times
   * the product of their amplitudes.
   */
  centred: number
  /** As in Gradient. */
  spent: number
}

/** h_0 on trajectories: exchangeable Gaussian samples with these second moments. @param kernel of two samples, 2 × 2 */
export const streamParticles = (size: ParticleSize, kernel: Float64Array, seed: number): Particles =>
  freshParticles(size, { square: kernel[0], cross: kernel[1] }, INPUT, seed)

/** A gradient of mean square 1 at every unit and sample. */
export const evenAmplitudes = ({ units, samples }: ParticleSize): Amplitudes => ({
  values: new Float64Array(units * samples).fill(1),
  centred: 0,
  spent: 0,
})

/** Values and gradients on sampled trajectories of (unit, sample), where moments have no closed form. */
export const TRAJECTORIES: EdgeReading<Particles> & GradientReading<Particles, Amplitudes> = {
  enter: (stream) => ({ ...stream, sources: new Set([INPUT]) }),
  combine(inputs, coefficients, stream) {
    const terms = coefficients.flatMap((factor, i) => {
      if (factor === 0) return []
      return [factor === 1 ? inputs[i]! : mapParticles(inputs[i]!, (value) => factor * value)]
    })
    if (!terms.length) return { ...mapParticles(stream, () => 0), sources: new Set() }
    return terms.reduce(addParticles)
  },
  apply: ({ node, context }, inputs) => operationOf(node).particles(node, inputs, context),
  zero: ({ values }) => ({ values: new Float64Array(values.length), centred: 0, spent: 0 }),
  add: sum,
  scale: (part, factor) => (factor === 1 ? part : { ...part, values: part.values.map((g) => g * factor) }),
  isNothing: () => false,
  total,
  // A fresh layer mixes all units: what leaves it is independent of what came.
  isOrigin: ({ node }, output) => output.sources.has(node.id),
  pull({ node, context }, { values, centred, spent }, inputs, output) {
    const operation = operationOf(node)
    const arriving = centred && centred * sharedBySamples(values, output)
    const here = { ...context, gradientCentred: arriving, gradientSpent: spent }
    const left = spentBehind(operation, spent, inputs[0].normalised)
    return operation.gradientParticles(node, values, inputs, output, here).map((back) => {
      // A layer mixes units, a norm takes the sum away: then the amplitudes no longer tell what samples share.
      if (operation.gradientSum === 'removed')
        return { values: back, centred: limited(1, back, output), spent: left }
      return { values: back, centred: operation.kind === 'linear' ? arriving : centred, spent: left }
    })
  },
}

/** Mean product of two samples' amplitudes over the mean square. */
function sharedBySamples(values: Float64Array, { units, samples }: ParticleSize): number {
  let [squares, products] = [0, 0]
  for (let i = 0; i < units; i++) {
    let [sum, own] = [0, 0]
    for (let at = i * samples; at < (i + 1) * samples; at++) {
      sum += values[at]
      own += values[at] * values[at]
    }
    squares += own
    products += (sum * sum - own) / (samples - 1)
  }
  return squares > 0 ? products / squares : 0
}

/** The Gaussian's own share that makes so much of the product. */
function limited(wanted: number, values: Float64Array, size: ParticleSize): number {
  const shared = sharedBySamples(values, size)
  return shared > 0 ? Math.max(0, Math.min(1 / shared, wanted / shared)) : 0
}

/** One amplitude in place of several of different origin. */
function total(all: readonly Amplitudes[], size: ParticleSize): Amplitudes {
  if (all.length === 1) return all[0]
  const values = new Float64Array(all[0].values.length)
  for (let i = 0; i < values.length; i++) {
    let squares = 0
    for (const one of all) squares += one.values[i] ** 2
    values[i] = Math.sqrt(squares)
  }
  const squares = squareMean(values)
  const spent = all.reduce((sum, one) => sum + one.spent * (squareMean(one.values) / squares), 0)
  return { values, centred: joined(all, values, size), spent: squares > 0 ? spent : 0 }
}

/** Both are of one origin. */
function sum(a: Amplitudes, b: Amplitudes): Amplitudes {
  const values = new Float64Array(a.values.length)
  for (let i = 0; i < values.length; i++) values[i] = a.values[i] + b.values[i]
  return { values, centred: Math.min(a.centred, b.centred), spent: Math.min(a.spent, b.spent) }
}

/** How far a sum is centred whose parts are so far. */
function joined(all: readonly Amplitudes[], values: Float64Array, size: ParticleSize): number {
  if (all.every(({ centred }) => centred === 0)) return 0
  const squares = squareMean(values)
  const wanted = all.reduce(
    (sum, one) => sum + one.centred * sharedBySamples(one.values, size) * (squareMean(one.values) / squares),
    0,
  )
  return limited(wanted, values, size)
}
