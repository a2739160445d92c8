import type { GraphNode } from '../graph'
import { biasVariance, varianceFactor } from '../initialisation'
import { meanOf } from '../moments'
import { freshParticles, particleMoments } from '../particles'
import type { Operation } from './operation'

/** y = x W + b, W [in, out]. He et al. 2015 for the variances; Lee et al. 2018 (1711.00165) for the Gaussian limit. */
export const linear: Operation<Extract<GraphNode, { op: 'linear' }>> = {
  definition: 'Linear layer: every output is a weighted sum of all inputs, plus a bias.',
  width: (node, _inputs, stream) => Math.max(1, Math.round(node.units * stream)),
  parameters: (_node, fanIn, fanOut) => [
    { role: 'weight', shape: [fanIn, fanOut], fanIn },
    { role: 'bias', shape: [1, fanOut], fanIn },
  ],
  forward: (math, _node, [x], [weight, bias]) => ({
    output: math.add(math.matMul(x, weight), bias),
    saved: [x],
  }),
  backward: (math, _node, gradient, [x], [weight]) => ({
    inputs: [math.matMul(gradient, weight, false, true)],
    parameters: [math.matMul(x, gradient, true, false), math.sum(gradient, [1])],
  }),
  moments(node, [x], { initialisation, widthIn, widthOut }) {
    const factor = varianceFactor(initialisation, widthIn, widthOut)
    const bias = biasVariance(initialisation, widthIn)
    return {
      mean: new Float64Array(x.mean.length),
      kernel: x.kernel.map((moment) => factor * moment + bias),
      gaussian: true,
      sources: new Set([node.id]),
    }
  },
  gradientMoments(_node, gradient, _inputs, { initialisation, widthIn, widthOut }) {
    const factor = (varianceFactor(initialisation, widthIn, widthOut) * widthOut) / widthIn
    return [{ square: gradient.square.map((g) => g * factor), uniform: true }]
  },
  particles(node, [x], { initialisation, widthIn, widthOut, seed }) {
    const factor = varianceFactor(initialisation, widthIn, widthOut)
    const bias = biasVariance(initialisation, widthIn)
    const { square, cross } = particleMoments(x)
    return freshParticles(x, { square: factor * square + bias, cross: factor * cross + bias }, node.id, seed)
  },
  // Every input unit collects from all output units: the mean square is the same everywhere.
  gradientParticles(_node, gradient, [x], _output, { initialisation, widthIn, widthOut }) {
    const factor = (varianceFactor(initialisation, widthIn, widthOut) * widthOut) / widthIn
    return [new Float64Array(x.values.length).fill(meanOf(gradient) * factor)]
  },
}
