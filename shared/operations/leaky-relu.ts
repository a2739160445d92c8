import { activationTheory, type Activation } from '../moments/activation-theory'
import type { GraphNode } from '../graph/block-graph'
import type { Operation } from './operation'

/** One object for each slope: theory remembers what it knows of a function. */
const known = new Map<number, Activation>()

function leaky(slope: number): Activation {
  const activation = known.get(slope) ?? {
    title: 'leaky ReLU',
    f: (x: number) => (x > 0 ? x : slope * x),
    df: (x: number) => (x > 0 ? 1 : slope),
    slope,
  }
  known.set(slope, activation)
  return activation
}

/** x above 0, slope × x below (Maas et al. 2013), written as slope x + (1 - slope) max(0, x). */
export const leakyRelu: Operation<Extract<GraphNode, { op: 'leaky-relu' }>> = {
  title: 'leaky ReLU',
  kind: 'activation',
  definition: 'Leaky rectified linear unit: negative values are multiplied by a small slope.',
  symbol: () => 'LReLU',
  inputs: 1,
  fields: [
    {
      key: 'slope',
      label: 'Slope',
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.01,
      definition: 'What negative values are multiplied by.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: ({ slope }) => ({ layer: 'leaky-relu', slope }),
  forward(math, { slope }, [x]) {
    const positive = math.relu(x)
    const output = math.add(math.scale(x, slope), math.scale(positive, 1 - slope))
    return { output, saved: [positive] }
  },
  backward(math, { slope }, gradient, [positive]) {
    const above = math.scale(math.reluGradient(gradient, positive), 1 - slope)
    return { inputs: [math.add(math.scale(gradient, slope), above)], parameters: [] }
  },
  isHomogeneous: true,
  gradientSpent: 'kept',
  ...activationTheory(({ slope }) => leaky(slope)),
}
