import type { GraphNode } from '../graph/block-graph'
import { average, gridDeviations, gridGradient, gridMoments, gridOf, withGrid } from '../moments/grid-moments'
import { NoTheory, type Gradient, type Moments } from '../moments/moments'
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
  layer: () => ({ layer: 'product' }),
  forward: (math, _node, [a, b]) => ({ output: math.multiply(a, b), saved: [a, b] }),
  backward: (math, _node, gradient, [a, b]) => ({
    inputs: [math.multiply(gradient, b), math.multiply(gradient, a)],
    parameters: [],
  }),
  moments(_node, [a, b]) {
    if (!areIndependent(a, b))
      throw new NoTheory('a product whose sides depend on each other, with no linear layer in between')
    const rest = { gaussian: false, sources: joinedSources(a, b) }
    const places = (a.grid ?? b.grid)?.square.length
    if (places) return gridProduct(a, b, places, rest)
    return {
      ...rest,
      mean: a.mean.map((mean, i) => mean * b.mean[i]),
      kernel: a.kernel.map((moment, i) => moment * b.kernel[i]),
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

/** At each position both have their own moments: means over positions are those of products, not the reverse. */
function gridProduct(
  a: Moments,
  b: Moments,
  places: number,
  rest: Pick<Moments, 'gaussian' | 'sources'>,
): Moments {
  const [left, right] = [gridOf(a, places), gridOf(b, places)]
  const [one, other] = [gridDeviations(a, left), gridDeviations(b, right)]
  const together = (x: Float64Array, y: Float64Array) => average(x.map((value, s) => value * y[s])) ** 2
  // Of two samples at positions s and t: (c d(s) d(t) + m(s) m(t)) of a, times the same of b.
  const cross =
    one.correlation * other.correlation * together(one.deviation, other.deviation) +
    one.correlation * together(one.deviation, right.mean) +
    other.correlation * together(left.mean, other.deviation) +
    together(left.mean, right.mean)
  const grid = {
    square: left.square.map((q, s) => q * right.square[s]),
    mean: left.mean.map((m, s) => m * right.mean[s]),
    isShared: left.isShared || right.isShared,
  }
  return gridMoments(grid, cross, rest)
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
