import type { GraphNode } from '../graph'
import type { Shape } from '../shape'
import type { TensorMath } from '../tensor-math'
import { rowWindow, squareWindow, windowArea, type Window } from '../window'
import { withoutTheory } from './no-theory'
import type { Operation } from './operation'
import { layerSymbol } from './symbols'
import { UNITS, unitsOf } from './units'
import { WEIGHT_FIELDS, effectiveWeight, learnedGradient, weightParameters } from './weights'
import { windowFields, windowMisfit, windowShape } from './windows'

type ConvNode = Extract<GraphNode, { op: 'conv-1d' | 'conv-2d' }>

/**
 * A linear layer on what a window sees: patches [R, B × places, area × units], tap by tap, times W [area × units in, units out]. Forward keeps the
 * input, not the patches, which take `area` times as much.
 */
function convolution<N extends ConvNode>(
  title: string,
  definition: string,
  windowOf: (shape: Shape, node: N) => Window,
): Operation<N> {
  const patches = <T>(math: TensorMath<T>, x: T, window: Window) => math.concat(math.taps(x, window, 0))
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
      const seen = patches(math, x, windowOf(shape, node))
      const product = math.matMul(seen, effectiveWeight(math, node, weight))
      return { output: bias === undefined ? product : math.add(product, bias), saved: [x] }
    },
    backward(math, node, gradient, [x], [weight, bias], _frozen, shape) {
      const window = windowOf(shape, node)
      const ofProduct = math.matMul(patches(math, x, window), gradient, true, false)
      const ofWeight = learnedGradient(math, node, weight, ofProduct)
      const ofPatches = math.matMul(gradient, effectiveWeight(math, node, weight), false, true)
      const units = math.size(x, 2)
      const parts = Array.from({ length: windowArea(window) }, (_, tap) =>
        math.slice(ofPatches, tap * units, units),
      )
      return {
        inputs: [math.untap(parts, window)],
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
