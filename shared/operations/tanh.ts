import { activationTheory, type Activation } from '../moments/activation-theory'
import type { GraphNode } from '../graph/block-graph'
import type { Operation } from './operation'

const TANH: Activation = { title: 'tanh', f: Math.tanh, df: (x) => 1 - Math.tanh(x) ** 2 }

/** Hyperbolic tangent; its derivative is 1 - y². */
export const tanh: Operation<Extract<GraphNode, { op: 'tanh' }>> = {
  title: 'tanh',
  kind: 'activation',
  definition: 'Hyperbolic tangent: values are bent into the range from -1 to 1.',
  symbol: () => 'tanh',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: () => ({ layer: 'tanh' }),
  forward(math, _node, [x]) {
    const output = math.tanh(x)
    return { output, saved: [output] }
  },
  backward: (math, _node, gradient, [output]) => ({
    inputs: [math.subtract(gradient, math.multiply(gradient, math.square(output)))],
    parameters: [],
  }),
  ...activationTheory(() => TANH),
}
