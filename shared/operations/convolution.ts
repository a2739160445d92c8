import type { GraphNode } from '../graph/block-graph'
import {
  average,
  gridDeviations,
  gridGradient,
  gridMoments,
  gridOf,
  tapSums,
  windowShares,
  windowSums,
  withGrid,
} from '../moments/grid-moments'
import { NoTheory, type TheoryContext } from '../moments/moments'
import { positions, type Shape } from '../numerics/shape'
import { rowWindow, squareWindow, windowArea, type Window } from '../numerics/window'
import type { Operation } from './operation'
import { layerSymbol } from './symbols'
import { UNITS, unitsOf } from './units'
import { WEIGHT_FIELDS, effectiveWeight, learnedGradient, weightParameters, weightVariance } from './weights'
import { layerWindow, windowFields, windowMisfit, windowShape } from './windows'

type ConvNode = Extract<GraphNode, { op: 'conv-1d' | 'conv-2d' }>

/** A linear layer on what a window sees, tap by tap: W is [area × units in, units out]. */
function convolution<N extends ConvNode>(
  title: string,
  definition: string,
  windowOf: (shape: Shape, node: N) => Window,
): Operation<N> {
  return {
    title,
    kind: 'linear',
    definition,
    symbol(node) {
      const plain = `conv ${node.kernel}${node.stride > 1 ? `/${node.stride}` : ''}`
      return layerSymbol(node, plain, 'conv')
    },
    inputs: 1,
    fields: [UNITS, ...windowFields(3, 1, 1), ...WEIGHT_FIELDS],
    shape: (node, [input], width) => windowShape(windowOf(input, node), unitsOf(node.units, width)),
    misfit: (node, [input], text) => windowMisfit(title, windowOf(input, node), node, input, text),
    parameters(node, input, { units }) {
      const area = windowArea(windowOf(input, node))
      return weightParameters(node, area * input.units, units, area * units)
    },
    layer: (node, input) => ({
      layer: 'convolution',
      standardised: node.standardised ?? 0,
      ...layerWindow(windowOf(input, node)),
    }),
    forward(math, node, [x], [weight, bias], _frozen, shape) {
      const product = math.convolve(x, effectiveWeight(math, node, weight), windowOf(shape, node))
      return { output: bias === undefined ? product : math.add(product, bias), saved: [x] }
    },
    backward(math, node, gradient, [x], [weight, bias], _frozen, shape) {
      const window = windowOf(shape, node)
      const ofWeight = learnedGradient(math, node, weight, math.convolveWeights(x, gradient, window))
      return {
        inputs: [math.convolveBack(gradient, effectiveWeight(math, node, weight), window)],
        parameters: bias === undefined ? [ofWeight] : [ofWeight, math.sum(gradient, [1])],
      }
    },
    moments(node, [x], context) {
      if (!context.exchangeable) throw new NoTheory('a convolution over a data set')
      const window = windowOf(context.input, node)
      const { factor, bias, isCentred } = variancesOf(node, window, context)
      const area = windowArea(window)
      const grid = gridOf(x, positions(context.input))
      const { deviation, correlation } = gridDeviations(x, grid)
      // Weights of different taps are independent: each adds what it sees, and nothing outside the grid.
      const seen = windowSums(grid.mean, window).map((sum) => sum / area)
      const lost = (mean: number) => (isCentred ? mean ** 2 : 0)
      const square = windowSums(grid.square, window).map(
        (sum, s) => factor * (sum / area - lost(seen[s])) + bias,
      )
      const places = square.length
      const meanSums = tapSums(grid.mean, window)
      const pairs = tapSums(deviation, window).reduce(
        (sum, total, tap) => sum + correlation * (total / places) ** 2 + (meanSums[tap] / places) ** 2,
        0,
      )
      const cross = factor * (pairs / area - lost(average(seen))) + bias
      const rest = { gaussian: true, sources: new Set([node.id]) }
      return gridMoments({ square, mean: new Float64Array(places), isShared: grid.isShared }, cross, rest)
    },
    gradientSum: 'kept',
    gradientMoments(node, gradient, _inputs, context) {
      const window = windowOf(context.input, node)
      const { factor } = variancesOf(node, window, context)
      const scale = (factor * context.output.units) / (windowArea(window) * context.input.units)
      const shares = windowShares(gridGradient(gradient, positions(context.output)), window)
      return [
        withGrid(
          { ...gradient, uniform: true },
          shares.map((g) => g * scale),
        ),
      ]
    },
    particles: beyondGrid,
    gradientParticles: beyondGrid,
  }
}

/** Convolution along the columns of every row. */
export const conv1d = convolution<Extract<GraphNode, { op: 'conv-1d' }>>(
  '1-D convolution',
  'Convolution along the columns: a linear layer on a window, the same at every position; zeros outside.',
  rowWindow,
)

/** Convolution over rows and columns with a square window. */
export const conv2d = convolution<Extract<GraphNode, { op: 'conv-2d' }>>(
  '2-D convolution',
  'Convolution over rows and columns: a linear layer on a square window, the same at every position; zeros outside.',
  squareWindow,
)

function variancesOf(node: ConvNode, window: Window, { initialisation, input, output }: TheoryContext) {
  const area = windowArea(window)
  return weightVariance(node, initialisation, area * input.units, area * output.units)
}

function beyondGrid(): never {
  throw new NoTheory('what is sampled knows no positions, which differ behind a convolution')
}
