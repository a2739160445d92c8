import type { GraphNode } from '../graph/block-graph'
import { gridGradient, gridOf, withGrid } from '../moments/grid-moments'
import { type GridMoments, NoTheory, type Gradient, type Moments } from '../moments/moments'
import { areIndependent, decorrelate, joinedSources, zipParticles } from '../moments/trajectories'
import { joinMisfit } from './join'
import type { Operation } from './operation'

/** Product of two edges, value by value: a gate. */
export const multiply: Operation<Extract<GraphNode, { op: 'multiply' }>> = {
  title: 'product',
  kind: 'join',
  definition: 'Product: both inputs are multiplied value by value, so that one gates the other.',
  symbol: () => '×',
  inputs: 2,
  fields: [],
  shape: (_node, [input]) => input,
  misfit: (_node, inputs, text) => joinMisfit('product', inputs, text),
  parameters: () => [],
  forward: (math, _node, [a, b]) => ({ output: math.multiply(a, b), saved: [a, b] }),
  backward: (math, _node, gradient, [a, b]) => ({
    inputs: [math.multiply(gradient, b), math.multiply(gradient, a)],
    parameters: [],
  }),
  moments(_node, [a, b]) {
    if (!areIndependent(a, b))
      throw new NoTheory('a product whose sides depend on each other, with no linear layer in between')
    return {
      mean: a.mean.map((mean, i) => mean * b.mean[i]),
      kernel: a.kernel.map((moment, i) => moment * b.kernel[i]),
      gaussian: false,
      grid: productGrid(a, b),
      sources: joinedSources(a, b),
    }
  },
  gradientMoments(_node, gradient, [a, b]) {
    if (!gradient.uniform) throw new NoTheory('a product whose gradient depends on its parts')
    return [timesSquare(gradient, b), timesSquare(gradient, a)]
  },
  particles(_node, [a, b]) {
    const other = areIndependent(a, b) ? { ...b, values: decorrelate(b, a) } : b
    return {
      ...zipParticles(a.values, other.values, (x, y) => x * y, a),
      sources: joinedSources(a, b),
      normalised: 0,
    }
  },
  gradientParticles: (_node, gradient, [a, b]) => [
    zipParticles(gradient, b.values, (g, y) => g * y, a).values,
    zipParticles(gradient, a.values, (g, x) => g * x, a).values,
  ],
}

function productGrid(a: Moments, b: Moments): GridMoments | undefined {
  const places = (a.grid ?? b.grid)?.square.length
  if (!places) return undefined
  const [left, right] = [gridOf(a, places), gridOf(b, places)]
  return {
    square: left.square.map((q, s) => q * right.square[s]),
    mean: left.mean.map((m, s) => m * right.mean[s]),
    isShared: left.isShared || right.isShared,
  }
}

function timesSquare(gradient: Gradient, x: Moments): Gradient {
  const { kernel, mean, grid } = x
  if (grid) {
    const before = gridGradient(gradient, grid.square.length)
    return withGrid(
      gradient,
      grid.square.map((q, s) => q * before[s]),
    )
  }
  return { ...gradient, square: gradient.square.map((g, a) => g * kernel[a * mean.length + a]) }
}
