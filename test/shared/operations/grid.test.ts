import { expect, test } from 'vitest'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { average } from '../../../shared/moments/grid-moments'
import type { Gradient, Moments, TheoryContext } from '../../../shared/moments/moments'
import { array3, float64, type Array3 } from '../../../shared/numerics/float64'
import { Random } from '../../../shared/numerics/random'
import type { Shape } from '../../../shared/numerics/shape'
import { operationOf } from '../../../shared/operations'

// What theory says of each position of a grid, against the operation's float64 values at that position.

const SHAPE: Shape = { units: 400, rows: 2, columns: 2 }
const [SAMPLES, PLACES, UNITS] = [40, 4, SHAPE.units]
const DEVIATION = [0.5, 1, 2, 3]
const MEAN = [0, 1, -1, 0.5]

/** Gaussian values of their own deviation and mean at each position, [1, samples × positions, units]. */
function drawn(key: number, mean: readonly number[]): Array3 {
  const x = array3([1, SAMPLES * PLACES, UNITS])
  new Random(91, key).fillNormal(x.values, 1)
  x.values.forEach((value, i) => {
    const place = Math.floor(i / UNITS) % PLACES
    x.values[i] = value * DEVIATION[place] + mean[place]
  })
  return x
}

/** Mean square and mean at each position. */
function measured({ values }: Array3): { square: Float64Array; mean: Float64Array } {
  const [square, mean] = [new Float64Array(PLACES), new Float64Array(PLACES)]
  values.forEach((value, i) => {
    const place = Math.floor(i / UNITS) % PLACES
    square[place] += value ** 2 / (SAMPLES * UNITS)
    mean[place] += value / (SAMPLES * UNITS)
  })
  return { square, mean }
}

/** Two samples are independent but for their means. */
function momentsOf(x: Array3, source: string): Moments {
  const { square, mean } = measured(x)
  const [q, m] = [average(square), average(mean)]
  return {
    mean: Float64Array.of(m, m),
    kernel: Float64Array.of(q, m * m, m * m, q),
    gaussian: true,
    sources: new Set([source]),
    grid: { square, mean, isShared: false },
  }
}

/** @param size of the values at each position, since a mean may be 0 */
const near = (theory: Float64Array, values: Float64Array, size: Float64Array) =>
  theory.forEach((one, place) => expect(Math.abs(one - values[place])).toBeLessThan(0.04 * size[place]))

const context: TheoryContext = {
  batch: SAMPLES,
  exchangeable: true,
  initialisation: { init: 'he', gain: 1 },
  input: SHAPE,
  output: SHAPE,
  at: { block: 2, depth: 3 },
  seed: 1,
}

test.each([
  { op: 'identity' },
  { op: 'scale', factor: -1.3, text: '' },
  { op: 'gain', initial: 0.6 },
  { op: 'diagonal', initial: 0.6 },
  { op: 'block-scale', factors: [3, 0.7], text: '' },
  { op: 'shift', initial: -0.4 },
  { op: 'sum' },
  { op: 'multiply' },
])('$op at each position, forward and backward', (fields) => {
  const node = { id: 'node', ...fields, inputs: ['a', 'b'] } as unknown as GraphNode
  const operation = operationOf(node)
  node.inputs.length = operation.inputs
  const inputs = [drawn(1, MEAN), drawn(2, [...MEAN].reverse())].slice(0, operation.inputs)
  const parameters = operation
    .parameters(node, SHAPE, SHAPE, context.at)
    .map(({ shape, initial = 0 }) =>
      array3([1, ...shape], new Array<number>(shape[0] * shape[1]).fill(initial)),
    )
  const made = operation.forward(float64, node, inputs, parameters, undefined, SHAPE)
  const known = inputs.map((x, i) => momentsOf(x, `${i}`))
  const theory = operation.moments(node, known, context)
  const found = measured(made.output)
  near(theory.grid!.square, found.square, found.square)
  near(theory.grid!.mean, found.mean, found.square.map(Math.sqrt))

  const top = drawn(3, [0, 0, 0, 0])
  const { square } = measured(top)
  const all = average(square)
  const gradient: Gradient = { square: Float64Array.of(all, all), uniform: true, grid: square }
  const back = operation.backward(float64, node, top, made.saved, parameters, false, SHAPE).inputs
  operation.gradientMoments(node, gradient, known, context).forEach((one, i) => {
    const returned = measured(back[i]).square
    near(one.grid!, returned, returned)
    expect(average(one.grid!)).toBeCloseTo(one.square[0], 6)
  })
})
