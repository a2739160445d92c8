import type { GraphNode } from '../graph/block-graph'
import { gridGradient, gridMoments, windowShares, withGrid } from '../moments/grid-moments'
import { type GridMoments, NoTheory, type TheoryContext } from '../moments/moments'
import type { Particles } from '../moments/trajectories'
import { positions, type Shape } from '../numerics/shape'
import type { TensorMath } from '../numerics/tensor-math'
import { squareWindow, windowGrid, type Window } from '../numerics/window'
import type { Operation } from './operation'
import { windowShape } from './windows'

/** Option A of He et al. 2015: a skip connection without weights where positions get fewer and units more. */
export const shortcut: Operation<Extract<GraphNode, { op: 'shortcut' }>> = {
  title: 'shortcut',
  kind: 'other',
  definition:
    'Shortcut without weights (option A of He et al. 2015): keeps every stride-th row and column, and ' +
    'fills the units up with zeros to the width N (or drops those beyond it).',
  symbol: ({ stride }) => (stride > 1 ? `skip /${stride}` : 'skip'),
  inputs: 1,
  fields: [
    {
      key: 'stride',
      label: 'Stride',
      type: 'integer',
      minimum: 1,
      maximum: 64,
      default: 2,
      definition: 'Of this many rows and columns one is kept.',
    },
  ],
  shape: (node, [input], width) => windowShape(stepsOf(node, input), width),
  // [1, N]: says how many units the output has, in networks of any width.
  parameters: (_node, _input, { units }) => [{ role: 'constant', shape: [1, units], fanIn: 1, initial: 0 }],
  layer: ({ stride }, _input, { units }) => ({ layer: 'shortcut', stride, units }),
  forward(math, node, [x], [zeros], _frozen, shape) {
    const [kept] = math.taps(x, stepsOf(node, shape), 0)
    return { output: resize(math, kept, math.size(zeros, 2)), saved: [x] }
  },
  backward(math, node, gradient, [x], _parameters, _frozen, shape) {
    const kept = resize(math, gradient, math.size(x, 2))
    return { inputs: [math.untap([kept], stepsOf(node, shape))], parameters: [] }
  },
  moments(node, [x], context) {
    const { kept, added } = sharesOf(context)
    const grid = x.grid && stepsThrough(x.grid, stepsOf(node, context.input), kept)
    const scaled = {
      ...x,
      mean: x.mean.map((mean) => mean * kept),
      kernel: x.kernel.map((moment) => moment * kept),
      gaussian: x.gaussian && !added,
      grid: undefined,
    }
    return grid ? gridMoments(grid, scaled.kernel[1], scaled) : scaled
  },
  gradientSum: 'kept',
  gradientSpent: 'kept',
  gradientMoments(node, gradient, _inputs, context) {
    const read = Math.min(1, context.output.units / context.input.units)
    const [from, to] = [positions(context.input), positions(context.output)]
    if (from === 1) return [{ ...gradient, square: gradient.square.map((g) => g * read) }]
    const shares = windowShares(gridGradient(gradient, to), stepsOf(node, context.input))
    return [
      withGrid(
        gradient,
        shares.map((g) => g * read),
      ),
    ]
  },
  particles(_node, [x], context) {
    const { kept, added } = sharesOf(context)
    if (positions(context.input) > 1)
      throw new NoTheory('what is sampled knows no positions, which a shortcut leaves out')
    if (!added) return x
    return { ...x, values: x.values.map((value, at) => (isKept(at, x, kept) ? value : 0)) }
  },
  /** Units that are dropped get nothing; those that are kept, all of theirs. */
  gradientParticles(_node, gradient, [x], _output, { input, output }) {
    const read = output.units / input.units
    if (read >= 1) return [fromKept(gradient, x, input.units / output.units)]
    return [gradient.map((g, at) => (isKept(at, x, read) ? g : 0))]
  },
}

const stepsOf = ({ stride }: { stride: number }, shape: Shape) =>
  squareWindow(shape, { kernel: 1, stride, padding: 0 })

/** The first `units` units; beyond those that there are, zeros. */
function resize<T>(math: TensorMath<T>, x: T, units: number): T {
  const have = math.size(x, 2)
  return units > have ? math.padUnits(x, units - have) : math.slice(x, 0, units)
}

/** The share of the output's units that come from the input, and whether there are others, which are 0. */
function sharesOf({ input, output }: TheoryContext): { kept: number; added: boolean } {
  return { kept: Math.min(1, input.units / output.units), added: output.units > input.units }
}

function stepsThrough({ square, mean, isShared }: GridMoments, window: Window, kept: number): GridMoments {
  const [rows, columns] = windowGrid(window)
  const at = (values: Float64Array) =>
    Float64Array.from({ length: rows * columns }, (_, place) => {
      const [row, column] = [Math.floor(place / columns), place % columns]
      return values[row * window.stride[0] * window.grid[1] + column * window.stride[1]] * kept
    })
  return { square: at(square), mean: at(mean), isShared }
}

/** Particles come in pairs ±, the second half mirrors the first: the share is taken of both. */
function isKept(at: number, { units, samples }: Particles, share: number): boolean {
  const half = units / 2
  return (Math.floor(at / samples) % half) + 0.5 < share * half
}

/**
 * Every unit of the input is kept: where this sample of them has none of the output's, another's gradient stands for
 * it.
 */
function fromKept(gradient: Float64Array, x: Particles, share: number): Float64Array {
  const half = x.units / 2
  const count = Math.max(1, Math.round(share * half))
  return gradient.map((_, at) => {
    const unit = Math.floor(at / x.samples)
    const instead = Math.floor(unit / half) * half + ((unit % half) % count)
    return gradient[instead * x.samples + (at % x.samples)]
  })
}
