import { meanOf, type Moments } from './moments'
import { normalQuantiles } from '../numerics/normal-distribution'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'

/** How many coordinates (units) are followed, and by how many samples each is seen. */
export interface ParticleSize {
  units: number
  samples: number
}

/**
 * Sampled trajectories: `units` coordinates seen by `samples` exchangeable samples, row-major. They follow every
 * operation on the same coordinate, so they stay right where an activation makes the stream non-Gaussian and moments
 * alone would not do.
 */
export interface Particles extends ParticleSize {
  values: Float64Array
  /** As in Moments: edges without a common source are independent. */
  sources: ReadonlySet<string>
  /** As in Moments. */
  normalised?: number
}

/*
 * What is done with every value is a loop over arrays that are taken out of their objects first: particles are objects
 * of several shapes, and to find the array anew for each value takes ten times as long as what is done with it.
 */

/** The trajectories with f at every value. */
export function mapParticles(particles: Particles, f: (x: number) => number): Particles {
  const from = particles.values
  const values = new Float64Array(from.length)
  for (let i = 0; i < values.length; i++) values[i] = f(from[i])
  return { ...particles, values }
}

/** The trajectories times a factor. */
export function scaleParticles(particles: Particles, factor: number): Particles {
  const from = particles.values
  const values = new Float64Array(from.length)
  for (let i = 0; i < values.length; i++) values[i] = factor * from[i]
  return { ...particles, values }
}

/** Values above 0 as they are, others times a slope. */
export function kinkParticles(particles: Particles, slope: number): Particles {
  const from = particles.values
  const values = new Float64Array(from.length)
  for (let i = 0; i < values.length; i++) {
    const value = from[i]
    // A slope of 0 makes nothing of what is infinite, too.
    values[i] = slope === 0 ? Math.max(0, value) : value > 0 ? value : slope * value
  }
  return { ...particles, values }
}

/** Values of two arrays, one by one. @param like says units, samples and sources */
export function zipParticles(
  a: Float64Array,
  b: Float64Array,
  f: (x: number, y: number) => number,
  like: Particles,
): Particles {
  const values = new Float64Array(a.length)
  for (let i = 0; i < values.length; i++) values[i] = f(a[i], b[i])
  return { ...like, values }
}

interface WithSources {
  sources: ReadonlySet<string>
}

/** Whether two edges have no source of randomness in common. */
export const areIndependent = (a: WithSources, b: WithSources) =>
  ![...b.sources].some((source) => a.sources.has(source))

/** All sources of randomness of two edges together. */
export const joinedSources = (a: WithSources, b: WithSources) => new Set([...a.sources, ...b.sources])

/**
 * The sum of two edges on the same coordinates. Where they are independent, what correlates them by chance in a finite
 * sample is taken out first (`decorrelate`).
 */
export function addParticles(skip: Particles, branch: Particles): Particles {
  const own = skip.values
  const added = areIndependent(skip, branch) ? decorrelate(branch, skip) : branch.values
  const values = new Float64Array(added.length)
  for (let i = 0; i < values.length; i++) values[i] = own[i] + added[i]
  return { ...skip, sources: joinedSources(skip, branch), values, normalised: joinedShare(skip, branch) }
}

/** Over units and samples: E[x], E[x²], and that of two samples. */
export interface ParticleMoments {
  mean: number
  square: number
  /** E[x_a x_b], a ≠ b. */
  cross: number
}

/** Moments of sampled trajectories over units, and over samples or pairs of different samples. */
export function particleMoments({ units, samples, values }: Particles): ParticleMoments {
  let [mean, square, cross] = [0, 0, 0]
  for (let i = 0; i < units; i++) {
    let [sum, squares] = [0, 0]
    for (let a = 0; a < samples; a++) {
      const x = values[i * samples + a]
      sum += x
      squares += x * x
    }
    mean += sum
    square += squares
    cross += sum * sum - squares
  }
  return {
    mean: mean / (units * samples),
    square: square / (units * samples),
    cross: cross / (units * samples * (samples - 1)),
  }
}

/**
 * Fresh centred Gaussian coordinates with E[x_a²] = square and E[x_a x_b] = cross: x_a = √(q - c)(u_a - ū) + √(c + (q -
 * c)/S) w. The numbers come in pairs ±, so odd moments vanish exactly, and are rescaled so that both second moments
 * hold exactly. What a unit's samples share is drawn evenly: behind an activation a unit far out may carry most of a
 * mean.
 */
export function freshParticles(
  { units, samples }: ParticleSize,
  { square, cross }: Pick<ParticleMoments, 'square' | 'cross'>,
  source: string,
  seed: number,
  stream: number = STREAM.trajectories,
): Particles {
  const random = new Random(seed, stream)
  const own = new Float64Array(units * samples)
  const half = units / 2
  const [even, order] = [normalQuantiles(half), random.permutation(half)]
  const shared = Float64Array.from(order, (place) => even[place])
  let [ownSquare, sharedSquare] = [0, 0]
  for (let i = 0; i < half; i++) {
    let sum = 0
    for (let a = 0; a < samples; a++) sum += own[i * samples + a] = random.normal()
    for (let a = 0; a < samples; a++) ownSquare += (own[i * samples + a] -= sum / samples) ** 2
    sharedSquare += shared[i] * shared[i]
  }
  const spread = Math.max(0, square - cross)
  const common = Math.max(0, cross + spread / samples)
  const ownScale = Math.sqrt((spread * (samples - 1) * half) / ownSquare)
  const sharedScale = Math.sqrt((common * half) / sharedSquare)
  const values = new Float64Array(units * samples)
  for (let i = 0; i < half; i++) {
    for (let a = 0; a < samples; a++) {
      const x = own[i * samples + a] * ownScale + shared[i] * sharedScale
      values[i * samples + a] = x
      values[(i + half) * samples + a] = -x
    }
  }
  return { units, samples, values, sources: new Set([source]) }
}

/**
 * `branch` less its regression on `skip`, unit means and deviations from them apart: what is independent by
 * construction, but correlated by chance in a finite sample, becomes uncorrelated. What an activation has set to 0
 * stays 0: whether a sum passes the next one may depend on it.
 */
export function decorrelate(branch: Particles, skip: Particles): Float64Array {
  const { units, samples, values } = branch
  const { means } = unitStatistics(skip)
  const regressors = skip.values
  const all = meanOf(means)
  // Two regressors, over the values that may change: between units, and within them.
  let [between, both, within, ofBetween, ofWithin] = [0, 0, 0, 0, 0]
  for (let i = 0; i < units; i++) {
    const b = means[i] - all
    for (let at = i * samples; at < (i + 1) * samples; at++) {
      const value = values[at]
      if (value === 0) continue
      const w = regressors[at] - means[i]
      between += b * b
      both += b * w
      within += w * w
      ofBetween += value * b
      ofWithin += value * w
    }
  }
  const determinant = between * within - both * both
  const [slopeBetween, slopeWithin] =
    determinant > 1e-12 * between * within
      ? [
          (ofBetween * within - ofWithin * both) / determinant,
          (ofWithin * between - ofBetween * both) / determinant,
        ]
      : [between > 0 ? ofBetween / between : 0, between > 0 || within === 0 ? 0 : ofWithin / within]
  const result = new Float64Array(values.length)
  for (let i = 0; i < units; i++) {
    for (let at = i * samples; at < (i + 1) * samples; at++) {
      const value = values[at]
      const less = slopeBetween * (means[i] - all) + slopeWithin * (regressors[at] - means[i])
      result[at] = value === 0 ? 0 : value - less
    }
  }
  return result
}

function joinedShare(a: Particles, b: Particles): number {
  if (!a.normalised && !b.normalised) return 0
  const variance = (x: Particles) => {
    const { mean, square } = particleMoments(x)
    return Math.max(0, square - mean * mean)
  }
  const [left, right] = [variance(a), variance(b)]
  return (left * (a.normalised ?? 0) + right * (b.normalised ?? 0)) / (left + right)
}

/** Mean and population variance of each unit over its samples. */
export function unitStatistics({ units, samples, values }: Particles): {
  means: Float64Array
  variances: Float64Array
} {
  const means = new Float64Array(units)
  const variances = new Float64Array(units)
  for (let i = 0; i < units; i++) {
    let [sum, squares] = [0, 0]
    for (let at = i * samples; at < (i + 1) * samples; at++) sum += values[at]
    means[i] = sum / samples
    for (let at = i * samples; at < (i + 1) * samples; at++) squares += (values[at] - means[i]) ** 2
    variances[i] = squares / samples
  }
  return { means, variances }
}

/**
 * What is to be taken of a direction that backward removes over a batch of B, where trajectories show S ≤ B samples of
 * it: as an amplitude, so that S/B of the mean square goes.
 */
export const removedShare = (samples: number, batch: number) =>
  1 - Math.sqrt(Math.max(0, 1 - samples / batch))

/** The particles' moments in the form of the closed ones (S = 2). */
export function asMoments(particles: Particles): Omit<Moments, 'gaussian' | 'sources'> {
  const { mean, square, cross } = particleMoments(particles)
  return { mean: Float64Array.of(mean, mean), kernel: Float64Array.of(square, cross, cross, square) }
}

/** Mean of the squares; NaN of nothing. */
export function squareMean(values: Float64Array): number {
  let squares = 0
  // By index: an iterator takes several times as long.
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i]
  return squares / values.length
}
