import { activationTheory, type Activation } from '../moments/activation-theory'
import type { GraphNode } from '../graph/block-graph'
import { times, type Term } from '../moments/law'
import type { Operation } from './operation'

const RELU: Activation = {
  title: 'ReLU',
  f: (x) => Math.max(0, x),
  df: (x) => (x > 0 ? 1 : 0),
  slope: 0,
}

const HALF: Term = { symbols: '½', value: 0.5 }

/** max(0, x). */
export const relu: Operation<Extract<GraphNode, { op: 'relu' }>> = {
  title: 'ReLU',
  kind: 'activation',
  definition: 'Rectified linear unit: negative values become 0.',
  symbol: () => 'ReLU',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: () => ({ layer: 'relu' }),
  forward(math, _node, [x]) {
    const output = math.relu(x)
    return { output, saved: [output] }
  },
  backward: (math, _node, gradient, [output]) => ({
    inputs: [math.reluGradient(gradient, output)],
    parameters: [],
  }),
  sign: () => 'never negative',
  isHomogeneous: true,
  gradientSpent: 'kept',

  law: {
    // Of a Gaussian of mean 0 and mean square q: q/2, and the mean √(q/2π).
    square(_node, { symbols, value, isCentred }) {
      if (!isCentred) return null
      const mean = { symbols: `√(${symbols}/2π)`, value: Math.sqrt(value / (2 * Math.PI)) }
      return { ...times(HALF, { symbols, value }), isCentred: false, mean }
    },
    gradient: () => HALF,
  },
  ...activationTheory(() => RELU),
}
