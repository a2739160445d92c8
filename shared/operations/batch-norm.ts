import type { GraphNode } from '../graph'
import { NoTheory, batchMean, batchVariance, type TheoryContext } from '../moments'
import { unitStatistics } from '../particles'
import type { Operation } from './operation'
import { NORM_EPSILON, normalise, normaliseGradient } from './normalise'

/** (x - mean) / √(variance + eps) per unit over the batch, population variance, gamma 1, beta 0 (Ioffe and Szegedy 2015). */
export const batchNorm: Operation<Extract<GraphNode, { op: 'batch-norm' }>> = {
  title: 'batch norm',
  kind: 'norm',
  definition: 'Batch normalisation: each unit gets mean 0 and variance 1 over the batch.',
  symbol: () => 'BN',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  forward: (math, _node, [x], _parameters, frozen) => normalise(math, x, 1, frozen),
  backward: (math, _node, gradient, saved, _parameters, frozen) => ({
    inputs: [frozen ? math.multiply(gradient, saved[1]) : normaliseGradient(math, gradient, saved, 1)],
    parameters: [],
  }),
  moments(_node, [x], context) {
    checkBatch(context)
    const size = x.mean.length
    const variance = batchVariance(x, context) + NORM_EPSILON
    const { rows, all } = batchMean(x.kernel, size, context)
    const kernel = x.kernel.map(
      (moment, at) => (moment - rows[Math.floor(at / size)] - rows[at % size] + all) / variance,
    )
    return { mean: new Float64Array(size), kernel, gaussian: x.gaussian, sources: x.sources }
  },
  /**
   * Divided by the variance. Backward removes the gradient's share in span{1, x̂}, 2/B for gradients that are independent between samples,
   * and the scatter of the batch's variance makes E[1/v̂] = (1 + 2/B)/v: the two cancel to first order.
   */
  gradientMoments(_node, gradient, [x], context) {
    // Only of a Gaussian stream do all units have the same variance over the batch.
    if (!x.gaussian) throw new NoTheory('batch normalisation of a stream that is not Gaussian')
    if (!context.exchangeable) throw new NoTheory('over a data set’s batch, units differ in their variance')
    const variance = batchVariance(x, context) + NORM_EPSILON
    return [{ square: gradient.square.map((g) => g / variance), uniform: gradient.uniform }]
  },
  particles(_node, [x], context) {
    checkBatch(context)
    const { means, variances } = unitStatistics(x)
    const values = x.values.map((value, at) => {
      const unit = Math.floor(at / x.samples)
      return (value - means[unit]) / Math.sqrt(variances[unit] + NORM_EPSILON)
    })
    return { ...x, values }
  },
  /** Backward projects onto the complement of span{1, x̂}; of a gradient independent between samples it leaves 1 - (1 + x̂²)/S at each. */
  gradientParticles(_node, gradient, [x], output) {
    const { variances } = unitStatistics(x)
    return [
      gradient.map((g, at) => {
        const left = 1 - (1 + output.values[at] ** 2) / x.samples
        return (g * left) / (variances[Math.floor(at / x.samples)] + NORM_EPSILON)
      }),
    ]
  },
}

/** In a batch of a few, units scatter too much for means to tell anything. */
const LEAST_BATCH = 8

function checkBatch({ batch }: TheoryContext): void {
  if (batch < LEAST_BATCH) throw new NoTheory(`batch normalisation over fewer than ${LEAST_BATCH} samples`)
}
