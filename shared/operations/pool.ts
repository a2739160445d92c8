import type { GraphNode } from '../graph/block-graph'
import {
  average,
  gridDeviations,
  gridGradient,
  gridMoments,
  gridOf,
  windowShares,
  windowSums,
  withGrid,
} from '../moments/grid-moments'
import { NoTheory } from '../moments/moments'
import { positions, type Shape } from '../numerics/shape'
import { rowWindow, squareWindow, windowArea, type Window } from '../numerics/window'
import { withoutTheory } from './no-theory'
import type { Misfit, Operation } from './operation'
import { layerWindow, windowFields, windowMisfit, windowShape } from './windows'

type PoolNode = Extract<GraphNode, { op: 'average-pool' | 'max-pool' }>

/** A sequence (one row) is pooled along its columns. */
const windowOf = (shape: Shape, node: PoolNode): Window =>
  shape.rows === 1 ? rowWindow(shape, node) : squareWindow(shape, node)

function misfit(name: string, node: PoolNode, input: Shape, text: (shape: Shape) => string): Misfit | null {
  if (node.padding < node.kernel) return windowMisfit(name, windowOf(input, node), node, input, text)
  return {
    problem: `a padding of ${node.padding} lets the ${name}’s kernel of ${node.kernel} see nothing at the edges`,
    hint: `Use a padding of at most ${node.kernel - 1}.`,
  }
}

/** Mean over the window, zeros outside the grid included. */
export const averagePool: Operation<Extract<GraphNode, { op: 'average-pool' }>> = {
  title: 'average pooling',
  kind: 'pool',
  definition:
    'Average pooling: each unit’s mean over a window; zeros outside the grid count. In a grid of one row ' +
    'the window lies along the columns.',
  symbol: ({ kernel, stride }) => `avg ${kernel}/${stride}`,
  inputs: 1,
  fields: windowFields(2, 2, 0),
  shape: (node, [input]) => windowShape(windowOf(input, node), input.units),
  misfit: (node, [input], text) => misfit('average pooling', node, input, text),
  parameters: () => [],
  layer: (node, input) => ({ layer: 'average-pool', ...layerWindow(windowOf(input, node)) }),
  sign: () => 'kept',
  forward(math, node, [x], _parameters, _frozen, shape) {
    const window = windowOf(shape, node)
    const total = math.taps(x, window, 0).reduce((sum, part) => math.add(sum, part))
    return { output: math.scale(total, 1 / windowArea(window)), saved: [] }
  },
  backward(math, node, gradient, _saved, _parameters, _frozen, shape) {
    const window = windowOf(shape, node)
    const share = math.scale(gradient, 1 / windowArea(window))
    const parts = Array.from({ length: windowArea(window) }, () => share)
    return { inputs: [math.untap(parts, window)], parameters: [] }
  },
  moments(node, [x], context) {
    if (!context.exchangeable) throw new NoTheory('average pooling over a data set')
    const window = windowOf(context.input, node)
    const area = windowArea(window)
    const grid = gridOf(x, positions(context.input))
    if (grid.isShared) throw new NoTheory('a pool of what a pool with overlapping windows has made alike')
    const { deviation, correlation } = gridDeviations(x, grid)
    const mean = windowSums(grid.mean, window).map((sum) => sum / area)
    const own = windowSums(
      deviation.map((d) => d * d),
      window,
    )
    const together = windowSums(deviation, window)
    const square = own.map(
      (sum, s) => ((1 - correlation) * sum + correlation * together[s] ** 2) / area ** 2 + mean[s] ** 2,
    )
    const cross = correlation * (average(together) / area) ** 2 + average(mean) ** 2
    const isShared = node.kernel > node.stride
    return gridMoments({ square, mean, isShared }, cross, { gaussian: x.gaussian, sources: x.sources })
  },
  gradientMoments(node, gradient, _inputs, context) {
    const window = windowOf(context.input, node)
    const shares = windowShares(gridGradient(gradient, positions(context.output)), window)
    return [
      withGrid(
        gradient,
        shares.map((g) => g / windowArea(window) ** 2),
      ),
    ]
  },
  particles: () => {
    throw new NoTheory('what is sampled knows no positions, which average pooling joins')
  },
  gradientParticles: () => {
    throw new NoTheory('what is sampled knows no positions, which average pooling joins')
  },
}

/** Outside the grid: below every number that a float32 network has. */
const NEVER = -3.4e38

/** Largest value in the window; the gradient goes to the first of equal ones, as in PyTorch and TensorFlow. */
export const maxPool: Operation<Extract<GraphNode, { op: 'max-pool' }>> = {
  title: 'max pooling',
  kind: 'pool',
  definition:
    'Max pooling: each unit’s largest value in a window. In a grid of one row the window lies along the columns.',
  symbol: ({ kernel, stride }) => `max ${kernel}/${stride}`,
  inputs: 1,
  fields: windowFields(2, 2, 0),
  shape: (node, [input]) => windowShape(windowOf(input, node), input.units),
  misfit: (node, [input], text) => misfit('max pooling', node, input, text),
  parameters: () => [],
  layer: (node, input) => ({ layer: 'max-pool', ...layerWindow(windowOf(input, node)) }),
  sign: () => 'kept',
  forward(math, node, [x], _parameters, _frozen, shape) {
    const parts = math.taps(x, windowOf(shape, node), NEVER)
    return { output: parts.reduce((largest, part) => math.maximum(largest, part)), saved: [x] }
  },
  backward(math, node, gradient, [x], _parameters, _frozen, shape) {
    const window = windowOf(shape, node)
    const taps = math.taps(x, window, NEVER)
    const largest = [taps[0]]
    for (const part of taps.slice(1)) largest.push(math.maximum(largest[largest.length - 1], part))
    // From the last tap back: it takes the gradient where it is larger than all before it.
    const parts: (typeof gradient)[] = []
    let left = gradient
    for (let tap = taps.length - 1; tap > 0; tap--) {
      const before = math.whereAtLeast(left, largest[tap - 1], taps[tap])
      parts.unshift(math.subtract(left, before))
      left = before
    }
    return { inputs: [math.untap([left, ...parts], window)], parameters: [] }
  },
  ...withoutTheory('max pooling'),
}
