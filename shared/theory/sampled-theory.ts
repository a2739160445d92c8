import { INPUT } from '../graph/block-graph'
import {
  addParticles,
  freshParticles,
  scaleParticles,
  squareMean,
  zipParticles,
  type ParticleSize,
  type Particles,
} from '../moments/trajectories'
import { STREAM } from '../numerics/random-streams'
import { operationOf } from '../operations'
import type { EdgeReading, GradientReading } from './traversal'

/** h_0 on trajectories: exchangeable Gaussian samples with these second moments. @param kernel of two samples, 2 × 2 */
export const streamParticles = (size: ParticleSize, kernel: Float64Array, seed: number): Particles =>
  freshParticles(size, { square: kernel[0], cross: kernel[1] }, INPUT, seed)

/** The gradient at the top: independent standard normals. */
export const topParticles = (size: ParticleSize, seed: number): Particles =>
  freshParticles(size, { square: 1, cross: 0 }, TOP, seed, STREAM.theoryGradients)

const TOP = 'top'

/**
 * Values and gradients on sampled trajectories of (unit, sample), where moments have no closed form. A gradient is a
 * trajectory as the values are: what a unit's gradients have to do with each other over the batch, and with the unit's
 * values, stays as it is until a layer mixes all units, behind which they are jointly Gaussian, with the second moments
 * that came.
 */
export const TRAJECTORIES: EdgeReading<Particles> & GradientReading<Particles, Particles> = {
  enter: (stream) => ({ ...stream, sources: new Set([INPUT]) }),
  combine(inputs, coefficients, stream) {
    const terms = coefficients.flatMap((factor, i) => (factor === 0 ? [] : [scaled(inputs[i]!, factor)]))
    return terms.length ? terms.reduce(addParticles) : nothing(stream)
  },
  apply: ({ node, context }, inputs) => operationOf(node).particles(node, inputs, context),
  zero: nothing,
  add: plus,
  scale: scaled,
  isNothing: () => false,
  total,
  // A fresh layer mixes all units: what leaves it is independent of what came.
  isOrigin: ({ node }, output) => output.sources.has(node.id),
  pull({ node, context }, gradient, inputs, output) {
    const sources = output.sources.has(node.id) ? new Set([node.id]) : gradient.sources
    return operationOf(node)
      .gradientParticles(node, gradient.values, inputs, output, context)
      .map((values) => ({ ...gradient, values, sources }))
  },
}

function scaled(particles: Particles, factor: number): Particles {
  return factor === 1 ? particles : scaleParticles(particles, factor)
}

function nothing(like: Particles): Particles {
  return { ...like, values: new Float64Array(like.values.length), sources: new Set() }
}

function plus(a: Particles, b: Particles): Particles {
  return zipParticles(a.values, b.values, (x, y) => x + y, a)
}

/** Parts of different origin are uncorrelated: what correlates them by chance in a finite sample is evened out. */
function total(parts: readonly Particles[]): Particles {
  if (parts.length === 1) return parts[0]
  const sum = parts.reduce(plus)
  const [wanted, found] = [
    parts.reduce((all, { values }) => all + squareMean(values), 0),
    squareMean(sum.values),
  ]
  return found > 0 ? scaled(sum, Math.sqrt(wanted / found)) : sum
}
