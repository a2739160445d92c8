import type { GraphNode } from '../graph'
import type { Shape } from '../shape'
import type { TensorMath } from '../tensor-math'
import { squareWindow } from '../window'
import { withoutTheory } from './no-theory'
import type { Operation } from './operation'
import { windowShape } from './windows'

/** Option A of He et al. 2015: a skip connection without weights where positions get fewer and units more. */
export const shortcut: Operation<Extract<GraphNode, { op: 'shortcut' }>> = {
  title: 'shortcut',
  kind: 'other',
  definition:
    'Shortcut without weights (option A of He et al. 2015): keeps every stride-th row and column, and fills the units up with zeros to the width N (or drops those beyond it).',
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
  forward(math, node, [x], [zeros], _frozen, shape) {
    const [kept] = math.taps(x, stepsOf(node, shape), 0)
    return { output: resize(math, kept, math.size(zeros, 2)), saved: [x] }
  },
  backward(math, node, gradient, [x], _parameters, _frozen, shape) {
    const kept = resize(math, gradient, math.size(x, 2))
    return { inputs: [math.untap([kept], stepsOf(node, shape))], parameters: [] }
  },
  ...withoutTheory('a shortcut that changes the shape'),
}

const stepsOf = ({ stride }: { stride: number }, shape: Shape) =>
  squareWindow(shape, { kernel: 1, stride, padding: 0 })

/** The first `units` units; beyond those that there are, zeros. */
function resize<T>(math: TensorMath<T>, x: T, units: number): T {
  const have = math.size(x, 2)
  return units > have ? math.padUnits(x, units - have) : math.slice(x, 0, units)
}
