import { activationTheory, type Activation } from '../moments/activation-theory'
import type { GraphNode } from '../graph/block-graph'
import type { Operation } from './operation'

const logistic = (x: number) => 1 / (1 + Math.exp(-x))

const SILU: Activation = {
  title: 'SiLU',
  f: (x) => x * logistic(x),
  df(x) {
    const share = logistic(x)
    // Far out the product is 0 times anything.
    return share + (share === 0 || share === 1 ? 0 : x * share * (1 - share))
  },
}

/** x σ(x), σ the logistic function (Elfwing et al. 2018); its derivative is σ + y - y σ. */
export const silu: Operation<Extract<GraphNode, { op: 'silu' }>> = {
  title: 'SiLU',
  kind: 'activation',
  definition: 'Sigmoid linear unit (swish): x times 1/(1 + e^-x).',
  symbol: () => 'SiLU',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: () => ({ layer: 'silu' }),
  forward(math, _node, [x]) {
    const sigmoid = math.sigmoid(x)
    const output = math.multiply(x, sigmoid)
    return { output, saved: [sigmoid, output] }
  },
  backward(math, _node, gradient, [sigmoid, output]) {
    const slope = math.subtract(math.add(sigmoid, output), math.multiply(output, sigmoid))
    return { inputs: [math.multiply(gradient, slope)], parameters: [] }
  },
  ...activationTheory(() => SILU),
}
