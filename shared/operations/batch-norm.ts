import type { GraphNode } from '../graph/block-graph'
import { centredGrid } from '../moments/grid-moments'
import { normLaw } from '../moments/law'
import { NoTheory, batchMean, batchVariance, type TheoryContext } from '../moments/moments'
import { unitStatistics, type Particles } from '../moments/trajectories'
import type { Operation } from './operation'
import { NORM_EPSILON, affineParameters } from './normalise'

/**
 * gamma (x - mean) / √(variance + eps) + beta per unit over the batch and all positions, population variance (Ioffe and
 * Szegedy 2015).
 */
export const batchNorm: Operation<Extract<GraphNode, { op: 'batch-norm' }>> = {
  title: 'batch norm',
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
   * Divided by the variance. Backward removes the gradient's share in span{1, x̂}, 2/B for gradients that are
   * independent between samples, and the scatter of the batch's variance makes E[1/v̂] = (1 + 2/B)/v: the two cancel to
   * first order, unless a norm below has made the variance (of this share), or one above has removed these directions.
   */
  gradientMoments(_node, gradient, [x], context) {
    // Only of a Gaussian stream do all units have the same variance over the batch.
    if (!x.gaussian) throw new NoTheory('batch normalisation of a stream that is not Gaussian')
    if (!context.exchangeable) throw new NoTheory('over a data set’s batch, units differ in their variance')
    const variance = batchVariance(x, context) + NORM_EPSILON
    const { normalised = 0 } = x
    const removed = 1 - (context.gradientCentred ?? 0) + (1 - (context.gradientSpent ?? 0))
    const factor = (1 + (2 * (1 - normalised ** 2) - removed) / context.batch) / variance
    return [{ ...gradient, square: gradient.square.map((g) => g * factor) }]
  },
  particles(_node, [x], context) {
    checkBatch(context)
    const { means, variances } = unitStatistics(x)
    const values = new Float64Array(x.values.length)
    for (let i = 0; i < x.units; i++) {
      const inverse = 1 / Math.sqrt(variances[i] + NORM_EPSILON)
      for (let at = i * x.samples; at < (i + 1) * x.samples; at++)
        values[at] = (x.values[at] - means[i]) * inverse
    }
    return { ...x, values, normalised: 1 }
  },
  /**
   * Backward projects onto the complement of span{1, x̂}; of a gradient independent between samples it leaves 1 - (1 +
   * x̂²)/S at each. What a norm above has removed is not there to be removed again.
   */
  gradientParticles(_node, gradient, [x], output, { gradientCentred = 0, gradientSpent = 0 }) {
    const { variances } = unitStatistics(x)
    const own = 1 - gradientSpent
    const [sum, freedom] = [1 - gradientCentred, x.samples - gradientCentred]
    const back = new Float64Array(gradient.length)
    for (let i = 0; i < x.units; i++) {
      const inverse = 1 / (variances[i] + NORM_EPSILON)
      for (let at = i * x.samples; at < (i + 1) * x.samples; at++) {
        const removed = (sum + own * output.values[at] ** 2) / freedom
        back[at] = gradient[at] * Math.sqrt(Math.max(0, 1 - removed) * inverse)
      }
    }
    if (scatterOverUnits(back, x) > MOST_SCATTER) {
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
 * networks.
 */
const MOST_SCATTER = 2

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

/** In a batch of a few, units scatter too much for means to tell anything. */
const LEAST_BATCH = 8

function checkBatch({ batch }: TheoryContext): void {
  if (batch < LEAST_BATCH) throw new NoTheory(`batch normalisation over fewer than ${LEAST_BATCH} samples`)
}
