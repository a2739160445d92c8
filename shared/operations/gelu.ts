import { activationTheory, type Activation } from '../moments/activation-theory'
import type { GraphNode } from '../graph/block-graph'
import { normalDensity, normalDistribution, roughNormalDistribution } from '../numerics/normal-distribution'
import type { Operation } from './operation'

const GELU: Activation = {
  title: 'GELU',
  f: (x) => x * normalDistribution(x),
  df: (x) => normalDistribution(x) + nearZero(x),
  rough: {
    f: (x) => x * roughNormalDistribution(x),
    df: (x) => roughNormalDistribution(x) + nearZero(x),
  },
}

/** x φ(x); far out the density is 0 and x may be anything. */
const nearZero = (x: number) => (Math.abs(x) < 40 ? x * normalDensity(x) : 0)

/** x Φ(x), Φ the normal distribution function, exactly (Hendrycks and Gimpel 2016); its derivative is Φ(x) + x φ(x). */
export const gelu: Operation<Extract<GraphNode, { op: 'gelu' }>> = {
  title: 'GELU',
  kind: 'activation',
  definition: 'Gaussian error linear unit: x times the probability that a standard normal value is below x.',
  symbol: () => 'GELU',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: () => ({ layer: 'gelu' }),
  forward(math, _node, [x]) {
    // 2 Φ(x) - 1.
    const odd = math.erf(math.scale(x, Math.SQRT1_2))
    const half = math.scale(x, 0.5)
    return { output: math.add(half, math.multiply(half, odd)), saved: [x, odd] }
  },
  backward(math, _node, gradient, [x, odd]) {
    const half = math.scale(gradient, 0.5)
    const distribution = math.add(half, math.multiply(half, odd))
    const density = math.scale(math.exp(math.scale(math.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
    const slope = math.multiply(gradient, math.multiply(x, density))
    return { inputs: [math.add(distribution, slope)], parameters: [] }
  },
  ...activationTheory(() => GELU),
}
