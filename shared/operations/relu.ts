import { activationTheory, type Activation } from '../moments/activation-theory'
import type { GraphNode } from '../graph/block-graph'
import type { Operation } from './operation'

const RELU: Activation = {
  title: 'ReLU',
  f: (x) => Math.max(0, x),
  df: (x) => (x > 0 ? 1 : 0),
  slope: 0,
}

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
  forward(math, _node, [x]) {
    const output = math.relu(x)
    return { output, saved: [output] }
  },
  backward: (math, _node, gradient, [output]) => ({
    inputs: [math.reluGradient(gradient, output)],
    parameters: [],
  }),
  isHomogeneous: true,
  ...activationTheory(() => RELU),
}
