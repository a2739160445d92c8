import type { GraphNode } from '../graph/block-graph'
import { centredGrid } from '../moments/grid-moments'
import { batchMean, meanOf } from '../moments/moments'
import { removedShare, unitStatistics, type Particles } from '../moments/trajectories'
import type { Operation } from './operation'

/** x - mean per unit over the batch: batch normalisation without its division. */
export const center: Operation<Extract<GraphNode, { op: 'center' }>> = {
  title: 'centring',
  kind: 'norm',
  definition: 'Centring: each unit gets mean 0 over the batch.',
  symbol: () => '− mean',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: () => ({ layer: 'center' }),
  statistics: ['mean'],
  forward(math, _node, [x], _parameters, frozen) {
    const [mean] = frozen ?? [math.mean(x, 1)]
    return { output: math.subtract(x, mean), saved: [mean] }
  },
  backward: (math, _node, gradient, _saved, _parameters, frozen) => ({
    inputs: [frozen ? gradient : math.subtract(gradient, math.mean(gradient, 1))],
    parameters: [],
  }),
  gradientSum: 'removed',
  gradientSpent: 'kept',
  moments(_node, [x], context) {
    const size = x.mean.length
    const { rows, all } = batchMean(x.kernel, size, context)
    const kernel = x.kernel.map((moment, at) => moment - rows[Math.floor(at / size)] - rows[at % size] + all)
    const overall = meanOf(x.mean)
    const grid = x.grid && centredGrid(x, x.grid, all)
    return { ...x, mean: x.mean.map((mean) => mean - overall), kernel, grid }
  },
  // Where gradients are independent between samples, their mean over the batch carries the share 1/B of the energy.
  gradientMoments: (_node, gradient, _inputs, { batch }) => [
    { ...gradient, square: gradient.square.map((g) => g * (1 - (1 - (gradient.centred ?? 0)) / batch)) },
  ],
  particles(_node, [x]) {
    return { ...x, values: centredOver(x) }
  },
  gradientParticles: (_node, gradient, [x], _output, { batch }) => [
    centredOver({ ...x, values: gradient }, removedShare(x.samples, batch)),
  ],
}

/** Each unit's values without their mean over its samples, or without a share of it. */
function centredOver(x: Particles, share = 1): Float64Array {
  const { means } = unitStatistics(x)
  return x.values.map((value, at) => value - share * means[Math.floor(at / x.samples)])
}
