import { PAPERS } from '../base/papers'
import type { GraphNode } from '../graph/block-graph'
import { normLaw } from '../moments/law'
import { particleMoments } from '../moments/trajectories'
import { groupedBackward, groupedForward } from './grouped-norm'
import { NORM_EPSILON, affineParameters } from './normalise'
import type { Operation } from './operation'

const TINY = 1e-12

/** In the limit of infinite width: all samples' means and variances over the units are known. */
export const layerNormTheory: Pick<
  Operation<never>,
  'gradientSum' | 'gradientSpent' | 'moments' | 'gradientMoments' | 'particles' | 'gradientParticles'
> = {
  gradientSum: 'kept',
  gradientSpent: 'kept',
  moments(_node, [x]) {
    const size = x.mean.length
    const deviation = deviations(x.mean, x.kernel)
    // One mean and one deviation for all positions of a sample.
    const grid = x.grid && {
      ...x.grid,
      square: x.grid.square.map(
        (q, s) => (q - 2 * x.mean[0] * x.grid!.mean[s] + x.mean[0] ** 2) / deviation[0] ** 2,
      ),
      mean: x.grid.mean.map((mean) => (mean - x.mean[0]) / deviation[0]),
    }
    const kernel = x.kernel.map((moment, at) => {
      const [a, b] = [Math.floor(at / size), at % size]
      return (moment - x.mean[a] * x.mean[b]) / (deviation[a] * deviation[b])
    })
    return {
      mean: new Float64Array(size),
      kernel,
      gaussian: x.gaussian,
      sources: x.sources,
      normalised: x.normalised,
      grid,
    }
  },
  gradientMoments(_node, gradient, [x]) {
    const deviation = deviations(x.mean, x.kernel)
    return [{ square: gradient.square.map((g, a) => g / deviation[a] ** 2), uniform: gradient.uniform }]
  },
  particles(_node, [x]) {
    const { mean, square } = particleMoments(x)
    const deviation = Math.sqrt(Math.max(0, square - mean * mean) + NORM_EPSILON)
    // In a network the mean is never quite 0: what an earlier operation has set to 0 ends up on either side, and an
    // activation may tell.
    const isCentred = Math.abs(mean) < deviation / 100
    const from = x.values
    const values = new Float64Array(from.length)
    for (let i = 0; i < values.length; i++) {
      const value = from[i]
      values[i] = isCentred && value === 0 ? (i % 2 ? TINY : -TINY) : (value - mean) / deviation
    }
    return { ...x, values }
  },
  gradientParticles(_node, gradient, [x]) {
    const { mean, square } = particleMoments(x)
    const deviation = Math.sqrt(Math.max(0, square - mean * mean) + NORM_EPSILON)
    return [gradient.map((g) => g / deviation)]
  },
}

/** gamma (x - mean) / √(variance + eps) + beta per sample over units and positions (Ba et al. 2016). */
export const layerNorm: Operation<Extract<GraphNode, { op: 'layer-norm' }>> = {
  title: 'layer norm',
  sources: [PAPERS.ba2016],
  kind: 'norm',
  definition:
    'Layer normalisation: each sample gets mean 0 and variance 1 over its units and positions, then a ' +
    'learned scale and shift per unit that start at 1 and 0.',
  symbol: () => 'LN',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: (_node, { units }) => affineParameters(units),
  layer: () => ({ layer: 'group-norm', groups: 1, epsilon: NORM_EPSILON }),
  forward: (math, _node, [x], parameters, _frozen, shape) => groupedForward(math, x, parameters, 1, shape),
  backward: (math, _node, gradient, saved, parameters, _frozen, shape) =>
    groupedBackward(math, gradient, saved, parameters, 1, shape),
  law: normLaw(({ q, m }) => ({ symbols: '1/(q − m²)', value: 1 / (q - m ** 2) })),
  ...layerNormTheory,
}

const deviations = (mean: Float64Array, kernel: Float64Array) =>
  mean.map((m, a) => Math.sqrt(Math.max(0, kernel[a * mean.length + a] - m * m) + NORM_EPSILON))
