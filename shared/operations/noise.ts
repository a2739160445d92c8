import { PAPERS } from '../base/papers'
import type { GraphNode } from '../graph/block-graph'
import { NoTheory } from '../moments/moments'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import { positions } from '../numerics/shape'
import type { Operation } from './operation'
import type { BlockIndex } from '../graph/parameter-shape'
import { shortNumber } from './symbols'

/**
 * Values are set to 0 at random, the others divided by the probability to stay, so that the mean stays (Srivastava et
 * al. 2014).
 */
export const dropout: Operation<Extract<GraphNode, { op: 'dropout' }>> = {
  title: 'dropout',
  sources: [PAPERS.srivastava2014],
  kind: 'noise',
  definition:
    'Dropout: while training, each value becomes 0 with this probability, and the others grow so that the mean stays.',
  symbol: ({ rate }) => `drop ${shortNumber(rate)}`,
  inputs: 1,
  fields: [
    {
      key: 'rate',
      label: 'Rate',
      type: 'number',
      minimum: 0,
      maximum: 0.99,
      default: 0.1,
      definition: 'Probability that a value becomes 0.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: ({ rate }, input) => [
    {
      role: 'noise',
      shape: [positions(input), input.units],
      fanIn: 1,
      noise: { keep: 1 - rate, scale: 1 - rate, perSample: true },
    },
  ],
  layer: ({ rate }) => ({ layer: 'dropout', rate }),
  sign: () => 'kept',
  forward: (math, _node, [x], [mask]) => ({ output: math.multiply(x, mask), saved: [] }),
  backward: (math, _node, gradient, _saved, [mask]) => ({
    inputs: [math.multiply(gradient, mask)],
    parameters: [],
  }),
  // Each sample's mask is its own: what two samples share stays, the square of one grows.
  moments({ rate }, [x]) {
    const size = x.mean.length
    const kernel = x.kernel.map((moment, at) => (at % (size + 1) === 0 ? moment / (1 - rate) : moment))
    const grid = x.grid && { ...x.grid, square: x.grid.square.map((q) => q / (1 - rate)) }
    return { ...x, kernel, grid, gaussian: rate === 0 && x.gaussian }
  },
  gradientMoments({ rate }, gradient) {
    if (!gradient.uniform) throw new NoTheory('dropout before an activation')
    return [{ ...gradient, square: gradient.square.map((g) => g / (1 - rate)) }]
  },
  particles(node, [x], { seed }) {
    const mask = dropoutMask(node.rate, x.values.length, seed)
    return { ...x, values: x.values.map((value, at) => value * mask[at]), normalised: 0 }
  },
  gradientParticles(node, gradient, _inputs, _output, { seed }) {
    const mask = dropoutMask(node.rate, gradient.length, seed)
    return [gradient.map((g, at) => g * mask[at])]
  },
}

/**
 * The branch is kept with probability p_l = 1 - (l/L)(1 - p_L), and multiplied by p_l where nothing is drawn (Huang et
 * al. 2016).
 */
export const stochasticDepth: Operation<Extract<GraphNode, { op: 'stochastic-depth' }>> = {
  title: 'stochastic depth',
  sources: [PAPERS.huang2016],
  kind: 'noise',
  definition:
    'Stochastic depth: while training, the branch is left out at random, later blocks more often; ' +
    'otherwise it is multiplied by its probability to be kept.',
  symbol: ({ survival }) => `keep ${shortNumber(survival)}`,
  inputs: 1,
  fields: [
    {
      key: 'survival',
      label: 'Survival',
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.5,
      definition:
        'Probability that the last block keeps its branch; from block to block it falls in a straight line from 1.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: (node, _input, _output, at) => [
    {
      role: 'noise',
      shape: [1, 1],
      fanIn: 1,
      noise: { keep: survivalProbability(node.survival, at), scale: 1, perSample: false },
    },
  ],
  layer: ({ survival }, _input, _output, at) => ({
    layer: 'stochastic-depth',
    keep: survivalProbability(survival, at),
  }),
  sign: () => 'kept',
  forward: (math, _node, [x], [kept]) => ({ output: math.multiply(x, kept), saved: [] }),
  backward: (math, _node, gradient, _saved, [kept]) => ({
    inputs: [math.multiply(gradient, kept)],
    parameters: [],
  }),
  // Theory looks at networks with the branch and without (stochastic-depth.ts); here the branch is there.
  coefficients: () => [1],
  moments: (_node, [x]) => x,
  gradientMoments: (_node, gradient) => [gradient],
  particles: (_node, [x]) => x,
  gradientParticles: (_node, gradient) => [gradient],
}

/** p_l of block l of L; `last` is p_L. */
export const survivalProbability = (last: number, { block, depth }: BlockIndex) =>
  1 - (block / depth) * (1 - last)

/** One dropout mask for both ways: `size` values, 0 with probability `rate`, else 1/(1 - rate). */
function dropoutMask(rate: number, size: number, seed: number): Float64Array {
  const random = new Random(seed, STREAM.dropoutMasks)
  const mask = new Float64Array(size)
  for (let i = 0; i < size; i++) mask[i] = random.uniform() < rate ? 0 : 1 / (1 - rate)
  return mask
}
