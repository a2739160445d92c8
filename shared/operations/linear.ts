import type { GraphNode } from '../graph/block-graph'
import type { GridMoments, TheoryContext } from '../moments/moments'
import { constant, times } from '../moments/law'
import { freshParticles, particleMoments } from '../moments/trajectories'
import { STREAM } from '../numerics/random-streams'
import type { Operation } from './operation'
import { layerSymbol } from './symbols'
import { UNITS, unitsOf } from './units'
import { WEIGHT_FIELDS, effectiveWeight, learnedGradient, weightParameters, weightVariance } from './weights'

type LinearNode = Extract<GraphNode, { op: 'linear' }>

/** y = x W + b, W [in, out]. He et al. 2015 for the variances; Lee et al. 2018 (1711.00165) for the Gaussian limit. */
export const linear: Operation<LinearNode> = {
  title: 'linear',
  kind: 'linear',
  definition: 'Linear layer: every output is a weighted sum of all inputs at its position, plus a bias.',
  symbol: (node) => layerSymbol(node, 'linear', 'lin'),
  inputs: 1,
  fields: [UNITS, ...WEIGHT_FIELDS],
  shape: (node, [input], width) => ({ ...input, units: unitsOf(node.units, width) }),
  parameters: (node, { units: fanIn }, { units }) => weightParameters(node, fanIn, units),
  layer: ({ standardised = 0 }) => ({ layer: 'linear', standardised }),
  forward(math, node, [x], [weight, bias]) {
    const product = math.matMul(x, effectiveWeight(math, node, weight))
    return { output: bias === undefined ? product : math.add(product, bias), saved: [x] }
  },
  backward(math, node, gradient, [x], [weight, bias]) {
    const ofWeight = learnedGradient(math, node, weight, math.matMul(x, gradient, true, false))
    return {
      inputs: [math.matMul(gradient, effectiveWeight(math, node, weight), false, true)],
      parameters: bias === undefined ? [ofWeight] : [ofWeight, math.sum(gradient, [1])],
    }
  },
  gradientSum: 'kept',
  moments(node, [x], context) {
    const { factor, bias, isCentred } = variancesOf(node, context)
    const size = x.mean.length
    const product = (at: number) => x.mean[Math.floor(at / size)] * x.mean[at % size]
    const ofGrid = ({ square, mean, isShared }: GridMoments) => ({
      square: square.map((q, s) => factor * (isCentred ? q - mean[s] ** 2 : q) + bias),
      mean: new Float64Array(mean.length),
      isShared,
    })
    return {
      mean: new Float64Array(size),
      grid: x.grid && ofGrid(x.grid),
      kernel: x.kernel.map((moment, at) => factor * (isCentred ? moment - product(at) : moment) + bias),
      gaussian: true,
      sources: new Set([node.id]),
    }
  },
  gradientMoments(node, gradient, _inputs, context) {
    const factor = backwardFactor(node, context)
    return [{ square: gradient.square.map((g) => g * factor), uniform: true }]
  },
  particles(node, [x], context) {
    const { factor, bias, isCentred } = variancesOf(node, context)
    const { mean, square, cross } = particleMoments(x)
    const lost = isCentred ? mean * mean : 0
    const moments = { square: factor * (square - lost) + bias, cross: factor * (cross - lost) + bias }
    return freshParticles(x, moments, node.id, context.seed)
  },
  law: {
    square(node, x, context) {
      const { factor, bias, isCentred } = variancesOf(node, context)
      if (bias > 0 || isCentred) return null
      return { ...times(constant(factor), x), isCentred: true, mean: null }
    },
    gradient: (node, context) => constant(backwardFactor(node, context)),
  },
  /** Every input unit collects from all output units: Gaussian again, with the second moments that came. */
  gradientParticles(node, gradient, [x], _output, context) {
    const factor = backwardFactor(node, context)
    const { square, cross } = particleMoments({ ...x, values: gradient })
    const moments = { square: factor * square, cross: factor * cross }
    return [freshParticles(x, moments, node.id, context.seed, STREAM.theoryGradients).values]
  },
}

const variancesOf = (node: LinearNode, { initialisation, input, output }: TheoryContext) =>
  weightVariance(node, initialisation, input.units, output.units)

const backwardFactor = (node: LinearNode, context: TheoryContext) =>
  (variancesOf(node, context).factor * context.output.units) / context.input.units
