import type { GraphNode } from '../graph'
import { biasVariance, varianceFactor } from '../initialisation'
import { meanOf } from '../moments'
import { freshParticles, particleMoments } from '../particles'
import type { Operation } from './operation'
import { UNITS, ratioText, unitsOf } from './units'

/** y = x W + b, W [in, out]. He et al. 2015 for the variances; Lee et al. 2018 (1711.00165) for the Gaussian limit. */
export const linear: Operation<Extract<GraphNode, { op: 'linear' }>> = {
  title: 'linear',
  kind: 'linear',
  definition: 'Linear layer: every output is a weighted sum of all inputs at its position, plus a bias.',
  symbol: (node) => (node.units === 1 ? 'linear' : `lin ${ratioText(node.units)}`),
  inputs: 1,
  fields: [UNITS],
  shape: (node, [input], width) => ({ ...input, units: unitsOf(node.units, width) }),
  parameters: (_node, { units: fanIn }, { units }) => [
    { role: 'weight', shape: [fanIn, units], fanIn },
    { role: 'bias', shape: [1, units], fanIn },
  ],
  forward: (math, _node, [x], [weight, bias]) => ({
    output: math.add(math.matMul(x, weight), bias),
    saved: [x],
  }),
  backward: (math, _node, gradient, [x], [weight]) => ({
    inputs: [math.matMul(gradient, weight, false, true)],
    parameters: [math.matMul(x, gradient, true, false), math.sum(gradient, [1])],
  }),
  moments(node, [x], { initialisation, input: { units: widthIn }, output: { units: widthOut } }) {
    const factor = varianceFactor(initialisation, widthIn, widthOut)
    const bias = biasVariance(initialisation, widthIn)
    return {
      mean: new Float64Array(x.mean.length),
      kernel: x.kernel.map((moment) => factor * moment + bias),
      gaussian: true,
      sources: new Set([node.id]),
    }
  },
  gradientMoments(
    _node,
    gradient,
    _inputs,
    { initialisation, input: { units: widthIn }, output: { units: widthOut } },
  ) {
    const factor = (varianceFactor(initialisation, widthIn, widthOut) * widthOut) / widthIn
    return [{ square: gradient.square.map((g) => g * factor), uniform: true }]
  },
  particles(node, [x], { initialisation, input: { units: widthIn }, output: { units: widthOut }, seed }) {
    const factor = varianceFactor(initialisation, widthIn, widthOut)
    const bias = biasVariance(initialisation, widthIn)
    const { square, cross } = particleMoments(x)
    return freshParticles(x, { square: factor * square + bias, cross: factor * cross + bias }, node.id, seed)
  },
  // Every input unit collects from all output units: the mean square is the same everywhere.
  gradientParticles(
    _node,
    gradient,
    [x],
    _output,
    { initialisation, input: { units: widthIn }, output: { units: widthOut } },
  ) {
    const factor = (varianceFactor(initialisation, widthIn, widthOut) * widthOut) / widthIn
    return [new Float64Array(x.values.length).fill(meanOf(gradient) * factor)]
  },
}
