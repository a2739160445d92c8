import type { GraphNode } from '../graph'
import { positions } from '../shape'
import { withoutTheory } from './no-theory'
import type { Operation, BlockIndex } from './operation'

/** Values are set to 0 at random, the others divided by the probability to stay, so that the mean stays (Srivastava et al. 2014). */
export const dropout: Operation<Extract<GraphNode, { op: 'dropout' }>> = {
  title: 'dropout',
  kind: 'noise',
  definition:
    'Dropout: while training, each value becomes 0 with this probability, and the others grow so that the mean stays.',
  symbol: ({ rate }) => `drop ${rate}`,
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
  forward: (math, _node, [x], [mask]) => ({ output: math.multiply(x, mask), saved: [] }),
  backward: (math, _node, gradient, _saved, [mask]) => ({
    inputs: [math.multiply(gradient, mask)],
    parameters: [],
  }),
  ...withoutTheory('dropout, which is noise'),
}

/** The branch is kept with probability p_l = 1 - (l/L)(1 - p_L), and multiplied by p_l where nothing is drawn (Huang et al. 2016). */
export const stochasticDepth: Operation<Extract<GraphNode, { op: 'stochastic-depth' }>> = {
  title: 'stochastic depth',
  kind: 'noise',
  definition:
    'Stochastic depth: while training, the branch is left out at random, later blocks more often; otherwise it is multiplied by its probability to be kept.',
  symbol: ({ survival }) => `keep ${survival}`,
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
  forward: (math, _node, [x], [kept]) => ({ output: math.multiply(x, kept), saved: [] }),
  backward: (math, _node, gradient, _saved, [kept]) => ({
    inputs: [math.multiply(gradient, kept)],
    parameters: [],
  }),
  ...withoutTheory('stochastic depth, which is noise'),
}

/** p_l of block l of L; `last` is p_L. */
export const survivalProbability = (last: number, { block, depth }: BlockIndex) =>
  1 - (block / depth) * (1 - last)
