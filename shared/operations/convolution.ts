import type { GraphNode } from '../graph'
import type { Shape } from '../shape'
import { rowWindow, squareWindow, windowArea, type Window } from '../window'
import { withoutTheory } from './no-theory'
import type { Operation } from './operation'
import { layerSymbol } from './symbols'
import { UNITS, unitsOf } from './units'
import { WEIGHT_FIELDS, effectiveWeight, learnedGradient, weightParameters } from './weights'
import { windowFields, windowMisfit, windowShape } from './windows'

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
    ...withoutTheory('a convolution'),
  }
}

export const conv1d = convolution<Extract<GraphNode, { op: 'conv-1d' }>>(
  '1-D convolution',
  'Convolution along the columns: a linear layer on a window, the same at every position; zeros outside.',
  rowWindow,
)

export const conv2d = convolution<Extract<GraphNode, { op: 'conv-2d' }>>(
  '2-D convolution',
  'Convolution over rows and columns: a linear layer on a square window, the same at every position; zeros outside.',
  squareWindow,
)
