import { PAPERS } from '../base/papers'
import type { GraphNode } from '../graph/block-graph'
import { centredGrid } from '../moments/grid-moments'
import { batchScatter } from '../moments/batch-scatter'
import { normLaw } from '../moments/law'
import { NoTheory, batchMean, batchVariance, type TheoryContext } from '../moments/moments'
import { removedShare, unitStatistics, type Particles } from '../moments/trajectories'
import type { Operation } from './operation'
import { NORM_EPSILON, affineParameters } from './normalise'

/**
 * gamma (x - mean) / √(variance + eps) + beta per unit over the batch and all positions, population variance (Ioffe and
 * Szegedy 2015).
 */
export const batchNorm: Operation<Extract<GraphNode, { op: 'batch-norm' }>> = {
  title: 'batch norm',
  sources: [PAPERS.ioffe2015],
  kind: 'norm',
  definition:
    'Batch normalisation: each unit gets mean 0 and variance 1 over the batch, then a learned scale and ' +
    'shift that start at 1 and 0.',
  symbol: () => 'BN',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: (_node, { units }) => affineParameters(units),
  layer: () => ({ layer: 'batch-norm', epsilon: NORM_EPSILON }),
  statistics: ['mean', 'variance'],
  forward(math, _node, [x], [gamma, beta], frozen) {
    const mean = frozen ? frozen[0] : math.mean(x, 1)
    const centred = math.subtract(x, mean)
    const variance = frozen ? frozen[1] : math.mean(math.square(centred), 1)
    const inverse = math.rsqrt(variance, NORM_EPSILON)
    const output = math.add(math.multiply(centred, math.multiply(inverse, gamma)), beta)
    return { output, saved: [mean, variance, centred, inverse] }
  },
  /**
   * As `normaliseGradient`, with gamma and the division taken out of the sums over the batch: both are one number per
   * unit.
   */
  backward(math, _node, gradient, [, , centred, inverse], [gamma], frozen) {
    const slope = math.multiply(inverse, gamma)
    const total = math.sum(gradient, [1])
    const along = math.sum(math.multiply(gradient, centred), [1])
    const parameters = [math.multiply(along, inverse), total]
    if (frozen) return { inputs: [math.multiply(gradient, slope)], parameters }
    const share = 1 / math.size(gradient, 1)
    const component = math.multiply(math.scale(along, share), math.square(inverse))
    const inside = math.subtract(
      math.subtract(gradient, math.scale(total, share)),
      math.multiply(centred, component),
    )
    return { inputs: [math.multiply(inside, slope)], parameters }
  },
  moments(_node, [x], context) {
    checkBatch(context)
    const size = x.mean.length
    const variance = batchVariance(x, context) + NORM_EPSILON
    const { rows, all } = batchMean(x.kernel, size, context)
    const kernel = x.kernel.map(
      (moment, at) => (moment - rows[Math.floor(at / size)] - rows[at % size] + all) / variance,
    )
    const centred = x.grid && centredGrid(x, x.grid, all)
    const grid = centred && {
      ...centred,
      square: centred.square.map((q) => q / variance),
      mean: centred.mean.map((m) => m / Math.sqrt(variance)),
    }
    return {
      mean: new Float64Array(size),
      kernel,
      gaussian: x.gaussian,
      sources: x.sources,
      grid,
      normalised: 1,
    }
  },
  gradientSum: 'removed',
  gradientSpent: 'renewed',
  law: normLaw(({ v }) => ({ symbols: '1/v', value: 1 / v })),
  /**
   * Backward divides by the batch's variance v̂, of which E[1/v̂] is wanted, and removes the gradient's share in
   * span{1, x̂}: 2/B of it for gradients that are independent between samples, less where a norm above has removed
   * these directions. A unit's v̂ is independent of its direction x̂, and so both are factors.
   */
  gradientMoments(_node, gradient, [x], context) {
    // Only of a Gaussian stream do all units have the same variance over the batch.
    if (!x.gaussian) throw new NoTheory('batch normalisation of a stream that is not Gaussian')
    if (!context.exchangeable) throw new NoTheory('over a data set’s batch, units differ in their variance')
    const variance = batchVariance(x, context) + NORM_EPSILON
    const { centred = 0, spent = 0 } = gradient
    const removed = 1 - centred + (1 - spent)
    const { inverse } = batchScatter(context.batch, x.normalised)
    const factor = (inverse * (1 - removed / context.batch)) / variance
    return [{ ...gradient, square: gradient.square.map((g) => g * factor) }]
  },
  particles(_node, [x], context) {
    checkBatch(context)
    const { means, variances } = unitStatistics(x)
    const from = x.values
    const values = new Float64Array(from.length)
    for (let i = 0; i < x.units; i++) {
      const inverse = 1 / Math.sqrt(variances[i] + NORM_EPSILON)
      for (let at = i * x.samples; at < (i + 1) * x.samples; at++)
        values[at] = (from[at] - means[i]) * inverse
    }
    return { ...x, values, normalised: 1 }
  },
  /**
   * As backward does it, unit by unit. Trajectories of fewer samples S than the batch has: of each direction that the
   * norm removes, S/B of the mean square is taken, and 1/v̂ scatters as it does over the batch.
   */
  gradientParticles(_node, gradient, [x], output, { batch }) {
    if (batch < LEAST_SAMPLED_BATCH)
      throw new NoTheory(
        `behind batch normalisation over fewer than ${LEAST_SAMPLED_BATCH} samples the gradient’s mean square ` +
          'scatters without bounds over units, so that sampling them does not find its mean',
      )
    const { samples } = x
    const normal = output.values
    const { variances } = unitStatistics(x)
    const taken = removedShare(samples, batch)
    const wanted = batchScatter(batch, x.normalised).inverse / batchScatter(samples, x.normalised).inverse
    const back = new Float64Array(gradient.length)
    for (let i = 0; i < x.units; i++) {
      const [from, to] = [i * samples, (i + 1) * samples]
      let [sum, along] = [0, 0]
      for (let at = from; at < to; at++) {
        sum += gradient[at]
        along += gradient[at] * normal[at]
      }
      const inverse = Math.sqrt(wanted / (variances[i] + NORM_EPSILON))
      for (let at = from; at < to; at++) {
        const removed = (taken * (sum + along * normal[at])) / samples
        back[at] = (gradient[at] - removed) * inverse
      }
    }
    if (scatterOverUnits(back, x) > Math.max(MOST_SCATTER, MOST_ERROR * Math.sqrt(x.units))) {
      throw new NoTheory(
        'behind batch normalisation the gradient rests on few units, those that an activation leaves ' +
          'almost always at 0',
      )
    }
    return [back]
  },
}

/**
 * Standard deviation over units of their mean squares, relative: beyond this, a sample of units says little about
 * networks, unless there are so many that the mean has no larger standard error than `MOST_ERROR`.
 */
const MOST_SCATTER = 2
const MOST_ERROR = 1 / 16

function scatterOverUnits(amplitudes: Float64Array, { units, samples }: Particles): number {
  let [all, squares] = [0, 0]
  for (let i = 0; i < units; i++) {
    let own = 0
    for (let at = i * samples; at < (i + 1) * samples; at++) own += amplitudes[at] * amplitudes[at]
    all += own
    squares += own * own
  }
  return all > 0 ? Math.sqrt(Math.max(0, (squares * units) / all ** 2 - 1)) : 0
}

/** 1/v̂, v̂ a Gaussian unit's variance over B samples, has a mean from 4 samples on, and a variance from 6. */
const LEAST_BATCH = 4
export const LEAST_SAMPLED_BATCH = 6

function checkBatch({ batch }: TheoryContext): void {
  if (batch < LEAST_BATCH)
    throw new NoTheory(
      `batch normalisation over fewer than ${LEAST_BATCH} samples, behind which a gradient’s mean square is infinite`,
    )
}
