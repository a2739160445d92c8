import { describe, expect, test } from 'vitest'
import type { GraphNode } from '../../../shared/graph/block-graph'
import {
  NoTheory,
  type Gradient,
  type GridMoments,
  type Moments,
  type TheoryContext,
} from '../../../shared/moments/moments'
import { batchScatter } from '../../../shared/moments/batch-scatter'
import { particleMoments, type Particles } from '../../../shared/moments/trajectories'
import type { Shape } from '../../../shared/numerics/shape'
import { operationOf } from '../../../shared/operations'
import { pair } from '../moments/samples'

// Theory of one operation on moments small enough to be done by hand.

const shape = (units: number, rows = 1, columns = 1): Shape => ({ units, rows, columns })

const CONTEXT: TheoryContext = {
  batch: 10,
  exchangeable: true,
  initialisation: { init: 'he', gain: 1 },
  input: shape(4),
  output: shape(4),
  at: { block: 2, depth: 3 },
  seed: 5,
}
const PYTORCH: Partial<TheoryContext> = { initialisation: { init: 'pytorch', gain: 1 } }

const node = (op: string, fields: object = {}) =>
  ({ id: 'node', op, inputs: ['input', 'input'], ...fields }) as unknown as GraphNode

/** Three samples of a data set. */
const DATA: Moments = {
  mean: Float64Array.of(1, 0, -1),
  kernel: Float64Array.of(4, 1, 0, 1, 3, 2, 0, 2, 5),
  gaussian: true,
  sources: new Set(['input']),
}
const OVER_DATA: Partial<TheoryContext> = { exchangeable: false, batch: 3 }

const grid = (square: number[], mean: number[], isShared = false): GridMoments => ({
  square: Float64Array.from(square),
  mean: Float64Array.from(mean),
  isShared,
})

const particles = (units: number, values: number[]): Particles => ({
  units,
  samples: values.length / units,
  values: Float64Array.from(values),
  sources: new Set(['input']),
})

const GRADIENT: Gradient = { square: Float64Array.of(3, 5), uniform: true }

const moments = (of: GraphNode, inputs: Moments[], context: Partial<TheoryContext> = {}) =>
  operationOf(of).moments(of, inputs, { ...CONTEXT, ...context })
const back = (
  of: GraphNode,
  inputs: Moments[],
  context: Partial<TheoryContext> = {},
  gradient: Gradient = GRADIENT,
) => operationOf(of).gradientMoments(of, gradient, inputs, { ...CONTEXT, ...context })
const along = (of: GraphNode, inputs: Particles[], context: Partial<TheoryContext> = {}) =>
  operationOf(of).particles(of, inputs, { ...CONTEXT, ...context })
const backAlong = (
  of: GraphNode,
  gradient: number[],
  inputs: Particles[],
  context: Partial<TheoryContext> = {},
) => {
  const whole = { ...CONTEXT, ...context }
  const output = operationOf(of).particles(of, inputs, whole)
  return operationOf(of).gradientParticles(of, Float64Array.from(gradient), inputs, output, whole)
}

function near(actual: ArrayLike<number>, expected: readonly number[], digits = 10) {
  expect([...Array.from(actual)]).toEqual(expected.map((value) => expect.closeTo(value, digits)))
}

describe('batch norm', () => {
  const norm = node('batch-norm')
  // Mean over the batch of ten: (5 + 9 · 2)/10 = 2.3; variance 2.7.
  const x = pair(0.5, 5, 2)

  test('divides what is left of the moments without the batch’s mean by the variance', () => {
    const { mean, kernel, normalised, gaussian, sources } = moments(norm, [x])
    near(mean, [0, 0])
    near(kernel, [1, -0.3 / 2.7, -0.3 / 2.7, 1], 5)
    expect([normalised, gaussian, [...sources]]).toEqual([1, true, ['input']])
    expect(moments(norm, [{ ...x, gaussian: false }]).gaussian).toBe(false)
  })

  test('of a data set: rows of the kernel average to 5/3, 2 and 7/3, all of it to 2, the variance is 2', () => {
    const { mean, kernel } = moments(norm, [DATA], { ...OVER_DATA, batch: 8 })
    near(mean, [0, 0, 0])
    near(kernel, [4 / 3, -1 / 3, -1, -1 / 3, 1 / 2, -1 / 6, -1, -1 / 6, 7 / 6], 4)
  })

  test('positions of a large batch: each less the mean of all, over the variance of all', () => {
    const own = { ...x, grid: grid([4, 6], [0, 1], true) }
    const centred = moments(norm, [own], { batch: Infinity }).grid!
    const typical = (2 + Math.sqrt(5)) / 2
    const correlation = 1.75 / typical ** 2
    near(
      centred.square,
      [
        (4 - 2 * correlation * 2 * typical + 2) / 3,
        (6 - 2 * (correlation * Math.sqrt(5) * typical + 0.5) + 2) / 3,
      ],
      4,
    )
    near(centred.mean, [-0.5 / Math.sqrt(3), 0.5 / Math.sqrt(3)], 5)
    expect((centred.square[0]! + centred.square[1]!) / 2).toBeCloseTo(1, 4)
    expect(centred.isShared).toBe(true)
    expect(moments(norm, [x]).grid).toBeUndefined()
  })

  test('going back: E[1/v̂], times what is left beside the directions that no norm has removed before', () => {
    // Of ten samples: v E[1/v̂] = 9/7, and 2/10 removed.
    const share = ((9 / 7) * 0.8) / 2.7
    near(back(norm, [x])[0]!.square, [3 * share, 5 * share], 4)
    const arrives = { ...GRADIENT, centred: 0.25, spent: 0.5 }
    const [gradient] = back(norm, [{ ...x, normalised: 0.6 }], {}, arrives)
    const scatter = batchScatter(10, 0.6).inverse * (1 - (0.75 + 0.5) / 10)
    near(gradient!.square, [(3 * scatter) / 2.7, (5 * scatter) / 2.7], 4)
    expect(gradient!.uniform).toBe(true)
  })

  test('trajectories: each unit by itself', () => {
    const own = particles(2, [1, 2, 3, 4, 0, 0, 2, 2])
    const { values, normalised, units } = along(norm, [own])
    const step = 1 / Math.sqrt(1.25)
    near(values, [-1.5 * step, -0.5 * step, 0.5 * step, 1.5 * step, -1, -1, 1, 1], 4)
    expect([normalised, units]).toEqual([1, 2])
    // What adds up to 0, over the batch and with x̂, is divided by the deviation; the rest is removed.
    const eight = particles(2, [0, 0, 4, 4, 0, 0, 4, 4, 0, 0, 2, 2, 0, 0, 2, 2])
    const back = (gradient: number[], batch: number) => backAlong(norm, gradient, [eight], { batch })[0]!
    const [free, lost] = [
      [1, -1, -1, 1, 3, -3, 2, -2],
      [0, 0, 1, 1, 0, 0, 1, 1],
    ]
    near(back([...free, ...free], 8), [...free.map((g) => g / 2), ...free], 4)
    near(back([...lost, ...lost], 8), new Array<number>(16).fill(0), 4)
    // Eight samples of a batch of 32: a quarter of the mean square in these directions is removed, and 1/v̂ scatters as
    // it does over 32.
    const kept = Math.sqrt(0.75 * (batchScatter(32).inverse / batchScatter(8).inverse))
    const along32 = lost.map((g) => g * kept)
    near(back([...lost, ...lost], 32), [...along32.map((g) => g / 2), ...along32], 4)
  })

  test('a gradient that rests on few of the units has no theory: one of eight, not one of four', () => {
    const refused =
      'behind batch normalisation the gradient rests on few units, those that an activation leaves almost always at 0'
    const few = (units: number) => {
      const values = Array.from({ length: units * 8 }, (_, i) => i % 8)
      const gradient = values.map((_, i) => (i < 8 ? 1 : 0))
      return () => backAlong(norm, gradient, [particles(units, values)])
    }
    expect(few(4)).not.toThrow()
    expect(few(8)).toThrow(new NoTheory(refused))
    expect(() =>
      backAlong(norm, new Array<number>(64).fill(0), [particles(8, [...Array(64).keys()])]),
    ).not.toThrow()
  })

  test('there is none over fewer than 4 samples, of a stream that is not Gaussian, or back over a data set', () => {
    const fewer = new NoTheory(
      'batch normalisation over fewer than 4 samples, behind which a gradient’s mean square is infinite',
    )
    expect(() => moments(norm, [x], { batch: 4 })).not.toThrow()
    expect(() => moments(norm, [x], { batch: 3 })).toThrow(fewer)
    expect(() => along(norm, [particles(1, [1, 2])], { batch: 3 })).toThrow(fewer)
    expect(() => back(norm, [{ ...x, gaussian: false }])).toThrow(
      new NoTheory('batch normalisation of a stream that is not Gaussian'),
    )
    expect(() => back(norm, [x], { exchangeable: false })).toThrow(
      new NoTheory('over a data set’s batch, units differ in their variance'),
    )
  })
})

describe('layer norm and group norm', () => {
  test.each(['layer-norm', 'group-norm'])('%s: each sample by its own mean and deviation', (op) => {
    const norm = node(op, { groups: 2 })
    const { mean, kernel, normalised, gaussian } = moments(norm, [{ ...DATA, normalised: 0.4 }], OVER_DATA)
    const [a, b, c] = [3, 3, 4].map(Math.sqrt) as [number, number, number]
    near(mean, [0, 0, 0])
    near(kernel, [1, 1 / (a * b), 1 / (a * c), 1 / (a * b), 1, 2 / (b * c), 1 / (a * c), 2 / (b * c), 1], 5)
    expect([normalised, gaussian]).toEqual([0.4, true])
    const gradient: Gradient = { square: Float64Array.of(3, 6, 8), uniform: false }
    const [below] = back(norm, [DATA], OVER_DATA, gradient)
    near(below!.square, [1, 2, 2], 4)
    expect(below!.uniform).toBe(false)
  })

  test('positions share one mean and one deviation', () => {
    const x = pair(0.5, 5, 2, { grid: grid([4, 6], [0, 1], true) })
    const positions = moments(node('layer-norm'), [x]).grid!
    near(positions.square, [4.25 / 4.75, 5.25 / 4.75], 5)
    near(positions.mean, [-0.5 / Math.sqrt(4.75), 0.5 / Math.sqrt(4.75)], 5)
    expect(positions.isShared).toBe(true)
    expect(moments(node('layer-norm'), [pair(0.5, 5, 2)]).grid).toBeUndefined()
  })

  test('trajectories: by the mean and deviation of all units', () => {
    const norm = node('layer-norm')
    const x = particles(2, [1, 2, 3, 6])
    // Mean 3, mean square 12.5, variance 3.5.
    const deviation = Math.sqrt(3.5)
    near(
      along(norm, [x]).values,
      [-2, -1, 0, 3].map((value) => value / deviation),
      5,
    )
    near(
      backAlong(norm, [1, -2, 3, 4], [x])[0]!,
      [1, -2, 3, 4].map((g) => g / deviation),
      5,
    )
  })

  test('what is 0 ends up on either side of a mean that is 0 only in the limit', () => {
    const norm = node('layer-norm')
    const zero = along(norm, [particles(2, [0, 0, 2, -2])]).values
    expect([...zero.subarray(0, 2)].map(Math.sign)).toEqual([-1, 1])
    expect(Math.abs(zero[0]!)).toBeLessThan(1e-9)
    near(zero.subarray(2), [Math.SQRT2, -Math.SQRT2], 4)
    const far = along(norm, [particles(2, [0, 0, 2, 2])]).values
    near(far, [-1, -1, 1, 1], 4)
  })
})

describe('centring', () => {
  const centring = node('center')

  test('takes the batch’s mean out of the moments, and nothing else', () => {
    const { mean, kernel, normalised } = moments(centring, [pair(0.5, 5, 2, { normalised: 0.3 })])
    near(mean, [0, 0])
    near(kernel, [2.7, -0.3, -0.3, 2.7])
    expect(normalised).toBe(0.3)
    const over = moments(centring, [DATA], OVER_DATA)
    near(over.kernel, [8 / 3, -2 / 3, -2, -2 / 3, 1, -1 / 3, -2, -1 / 3, 7 / 3])
    near(over.mean, [1, 0, -1])
    const { square, mean: means } = moments(centring, [pair(0.5, 5, 2, { grid: grid([4, 6], [0, 1]) })], {
      batch: Infinity,
    }).grid!
    near(means, [-0.5, 0.5])
    // On average a position keeps what all keep: 5 - 2.
    expect((square[0]! + square[1]!) / 2).toBeCloseTo(3, 10)
    expect(moments(centring, [pair(0.5, 5, 2)]).grid).toBeUndefined()
  })

  test('going back it removes the mean over the batch, 1/B of the energy, where nothing above has', () => {
    near(back(centring, [pair(0, 1, 0)])[0]!.square, [2.7, 4.5])
    const half = { ...GRADIENT, centred: 0.5 }
    near(back(centring, [pair(0, 1, 0)], {}, half)[0]!.square, [3 * 0.95, 5 * 0.95])
  })

  test('trajectories: each unit less its mean', () => {
    const x = particles(2, [1, 2, 3, 4, 0, 0, 2, 2])
    near(along(centring, [x]).values, [-1.5, -0.5, 0.5, 1.5, -1, -1, 1, 1])
    near(backAlong(centring, [3, 1, 0, 0, 1, 1, 1, 1], [x], { batch: 4 })[0]!, [2, 0, -1, -1, 0, 0, 0, 0])
    // Four samples of sixteen: a quarter of the mean's square is removed.
    const left = Math.sqrt(0.75)
    near(backAlong(centring, [1, 1, 1, 1, 2, 0, 2, 0], [x], { batch: 16 })[0]!, [
      ...new Array<number>(4).fill(left),
      ...[1 + left, left - 1, 1 + left, left - 1],
    ])
  })
})

describe('linear', () => {
  test('He: twice the moments; PyTorch: a third, and 1/(3 fan-in) for the bias', () => {
    const plain = node('linear', { units: 1 })
    const he = moments(plain, [pair(0.5, 5, 2, { gaussian: false, normalised: 0.3 })])
    near(he.mean, [0, 0])
    near(he.kernel, [10, 4, 4, 10])
    expect([he.gaussian, [...he.sources], he.normalised, he.grid]).toEqual([
      true,
      ['node'],
      undefined,
      undefined,
    ])
    near(
      moments(plain, [DATA], { ...OVER_DATA, ...PYTORCH }).kernel,
      [...DATA.kernel].map((k) => k / 3 + 1 / 12),
    )
    near(moments({ ...plain, bias: false } as GraphNode, [pair(0, 3, 0)], PYTORCH).kernel, [1, 0, 0, 1])
    near(moments({ ...plain, gain: 2 } as GraphNode, [pair(0, 3, 0)], PYTORCH).kernel, [
      4 + 1 / 3,
      1 / 3,
      1 / 3,
      4 + 1 / 3,
    ])
  })

  test('standardised weights see the inputs less their mean over the units', () => {
    const standardised = node('linear', { units: 1, standardised: 2 })
    const { mean, kernel } = DATA
    const expected = [...kernel].map((k, at) => 4 * (k - mean[Math.floor(at / 3)]! * mean[at % 3]!))
    near(moments(standardised, [DATA], OVER_DATA).kernel, expected)
    const positions = moments(standardised, [pair(0.5, 5, 2, { grid: grid([4, 6], [0, 1], true) })]).grid!
    near(positions.square, [16, 20])
    near(positions.mean, [0, 0])
    expect(positions.isShared).toBe(true)
    const drawn = moments(
      node('linear', { units: 1 }),
      [pair(0.5, 5, 2, { grid: grid([4, 6], [0, 1]) })],
      PYTORCH,
    )
    near(drawn.grid!.square, [4 / 3 + 1 / 12, 2 + 1 / 12])
  })

  test('going back: the weights’ variance times fan-out over fan-in, whatever the activations', () => {
    const context = { input: shape(4), output: shape(6) }
    const [gradient] = back(node('linear', { units: 1.5 }), [pair(0, 1, 0)], context, {
      ...GRADIENT,
      uniform: false,
    })
    near(gradient!.square, [9, 15])
    expect(gradient!.uniform).toBe(true)
    const [spread] = operationOf({ op: 'linear' }).gradientParticles(
      node('linear', { units: 1.5 }),
      Float64Array.of(1, 2, 3, 4),
      [particles(2, [1, 1, 1, 1])],
      particles(2, [1, 1, 1, 1]),
      { ...CONTEXT, ...context },
    )
    const { square, cross } = particleMoments(particles(2, [...spread!]))
    near([square, cross], [7.5 * 3, 7 * 3])
  })

  test('trajectories are drawn anew, with the moments that the layer gives', () => {
    const x = particles(2, [1, 2, 3, 6])
    const { values, sources } = along(node('linear', { units: 1, standardised: 1 }), [x])
    // Mean 3: mean square 12.5 - 9; the moment of two samples (2 + 18)/2 - 9.
    expect(values.reduce((sum, v) => sum + v * v, 0) / 4).toBeCloseTo(3.5, 10)
    expect((values[0]! * values[1]! + values[2]! * values[3]!) / 2).toBeCloseTo(1, 10)
    expect([...sources]).toEqual(['node'])
  })

  test('as people write it: a factor for mean squares, where there is neither bias nor standardisation', () => {
    const { law } = operationOf({ op: 'linear' })
    const q = { symbols: 'q', value: 3, isCentred: false, mean: { symbols: 'm', value: 1 } }
    const plain = node('linear', { units: 1 })
    expect(law!.square(plain, q, CONTEXT)).toEqual({
      symbols: '2 · q',
      value: 6,
      isCentred: true,
      mean: null,
    })
    expect(law!.square(plain, q, { ...CONTEXT, ...PYTORCH })).toBeNull()
    expect(law!.square(node('linear', { units: 1, standardised: 1 }), q, CONTEXT)).toBeNull()
    expect(law!.gradient(plain, { ...CONTEXT, output: shape(2) }, null)).toEqual({ symbols: '1', value: 1 })
  })
})

describe('multiplication by a number', () => {
  test.each<[string, object, number]>([
    ['scale', { factor: -0.5, text: '' }, -0.5],
    ['gain', { initial: -0.5 }, -0.5],
    ['diagonal', { initial: -0.5 }, -0.5],
    ['block-scale', { factors: [3, -0.5], text: '' }, -0.5],
    ['block-scale', { factors: [-0.5], text: '' }, -0.5],
    ['identity', {}, 1],
    ['stochastic-depth', { survival: 0.5 }, 1],
  ])('%s %j: moments by its powers, and one coefficient says all', (op, fields, factor) => {
    const own = node(op, fields)
    const { mean, kernel } = moments(own, [DATA])
    near(
      mean,
      [...DATA.mean].map((m) => m * factor),
    )
    near(
      kernel,
      [...DATA.kernel].map((k) => k * factor ** 2),
    )
    near(back(own, [DATA])[0]!.square, [3 * factor ** 2, 5 * factor ** 2])
    near(along(own, [particles(1, [1, -2])]).values, [factor, -2 * factor])
    near(backAlong(own, [1, -2], [particles(1, [1, 1])])[0]!, [factor, -2 * factor])
    expect(operationOf(own).coefficients!(own, CONTEXT.at)).toEqual([factor])
  })

  test('as people write it: its square, and before a bracket itself', () => {
    const q = { symbols: 'q', value: 3, isCentred: true, mean: { symbols: 'm', value: 2 } }
    for (const own of [node('scale', { factor: 0.5, text: '½' }), node('gain', { initial: 0.5 })]) {
      const law = operationOf(own).law!
      expect(law.square(own, q, CONTEXT)).toEqual({
        symbols: '0.25 · q',
        value: 0.75,
        isCentred: true,
        mean: { symbols: '0.5 · m', value: 1 },
      })
      expect(law.gradient(own, CONTEXT, null)).toEqual({ symbols: '0.25', value: 0.25 })
      expect(law.constant?.(own)).toBe(own.op === 'scale' ? 0.5 : undefined)
    }
  })

  test('norms as people write them: mean square 1, and back one over the variance that is measured', () => {
    const q = { symbols: 'q', value: 3, isCentred: false, mean: null }
    const stream = { q: 5, v: 4, m: 2 }
    for (const [op, symbols, value] of [
      ['batch-norm', '1/v', 1 / 4],
      ['layer-norm', '1/(q − m²)', 1],
    ] as const) {
      const law = operationOf({ op }).law!
      expect(law.square(node(op), q, CONTEXT)).toEqual({
        symbols: '1',
        value: 1,
        isCentred: true,
        mean: null,
      })
      expect(law.gradient(node(op), CONTEXT, stream)).toEqual({ symbols, value })
      expect(law.gradient(node(op), CONTEXT, null)).toBeNull()
    }
  })

  test('ReLU as people write it: half, and the mean √(q/2π), of what is centred', () => {
    const law = operationOf({ op: 'relu' }).law!
    const q = { symbols: 'q', value: 3, isCentred: true, mean: null }
    expect(law.square(node('relu'), q, CONTEXT)).toEqual({
      symbols: '½ · q',
      value: 1.5,
      isCentred: false,
      mean: { symbols: '√(q/2π)', value: Math.sqrt(3 / (2 * Math.PI)) },
    })
    expect(law.square(node('relu'), { ...q, isCentred: false }, CONTEXT)).toBeNull()
    expect(law.gradient(node('relu'), CONTEXT, null)).toEqual({ symbols: '½', value: 0.5 })
  })
})

describe('shift', () => {
  const shift = node('shift', { initial: 2 })

  test('moments of x + a', () => {
    const { mean, kernel } = moments(shift, [DATA])
    near(mean, [3, 2, 1])
    near(kernel, [12, 7, 4, 7, 7, 4, 4, 4, 5])
    const positions = moments(shift, [pair(0.5, 5, 2, { grid: grid([4, 6], [0, 1], true) })]).grid!
    near(positions.square, [8, 14])
    near(positions.mean, [2, 3])
    expect(positions.isShared).toBe(true)
    expect(moments(shift, [DATA]).grid).toBeUndefined()
    near(along(shift, [particles(1, [1, -2])]).values, [3, 0])
    near(backAlong(shift, [1, -2], [particles(1, [1, 1])])[0]!, [1, -2])
    expect(back(shift, [DATA])).toEqual([GRADIENT])
  })

  test('is a multiple of its input only while it is 0', () => {
    const { coefficients } = operationOf({ op: 'shift' })
    expect(coefficients!(shift, CONTEXT.at)).toBeNull()
    expect(coefficients!(node('shift', { initial: 0 }), CONTEXT.at)).toEqual([1])
  })
})

describe('dropout', () => {
  const dropout = node('dropout', { rate: 0.2 })

  test('what two samples share stays, the square of one grows by 1/(1 - rate)', () => {
    const { mean, kernel, gaussian } = moments(dropout, [DATA])
    near(mean, [1, 0, -1])
    near(kernel, [5, 1, 0, 1, 3.75, 2, 0, 2, 6.25])
    expect(gaussian).toBe(false)
    const none = node('dropout', { rate: 0 })
    expect(moments(none, [DATA]).gaussian).toBe(true)
    expect(moments(none, [{ ...DATA, gaussian: false }]).gaussian).toBe(false)
    const positions = moments(dropout, [pair(0.5, 5, 2, { grid: grid([4, 6], [0, 1], true) })]).grid!
    near(positions.square, [5, 7.5])
    near(positions.mean, [0, 1])
    expect(moments(dropout, [DATA]).grid).toBeUndefined()
    near(back(dropout, [DATA])[0]!.square, [3.75, 6.25])
    expect(() => back(dropout, [DATA], {}, { ...GRADIENT, uniform: false })).toThrow(
      new NoTheory('dropout before an activation'),
    )
  })

  test('trajectories go through one mask both ways, which the seed says', () => {
    const x = particles(10, new Array<number>(1000).fill(1))
    const { values, normalised } = along(dropout, [x])
    const [gradient] = backAlong(dropout, new Array<number>(1000).fill(1), [x])
    expect([...gradient!]).toEqual([...values])
    expect(new Set(values)).toEqual(new Set([0, 1.25]))
    const zeros = values.filter((value) => value === 0).length
    expect(zeros).toBeGreaterThan(150)
    expect(zeros).toBeLessThan(250)
    expect(normalised).toBe(0)
    expect([...along(dropout, [x], { seed: 6 }).values]).not.toEqual([...values])
  })
})

describe('joins', () => {
  const other: Moments = { ...DATA, mean: Float64Array.of(2, 1, 0), sources: new Set(['w']) }

  test('a sum adds moments, and the products of means', () => {
    const { mean, kernel, gaussian, sources } = moments(node('sum'), [DATA, other])
    near(mean, [3, 1, -1])
    // 2 k + m_a n_b + n_a m_b.
    near(kernel, [12, 3, -2, 3, 6, 3, -2, 3, 10])
    expect([gaussian, [...sources]]).toEqual([true, ['input', 'w']])
    expect(moments(node('sum'), [DATA, { ...other, gaussian: false }]).gaussian).toBe(false)
    expect(moments(node('sum'), [{ ...DATA, gaussian: false }, other]).gaussian).toBe(false)
    expect(back(node('sum'), [DATA, other])).toEqual([GRADIENT, GRADIENT])
    const [x, y] = [particles(1, [1, -2]), { ...particles(1, [3, 5]), sources: new Set(['input']) }]
    near(along(node('sum'), [x, y]).values, [4, 3])
    expect(backAlong(node('sum'), [1, 2], [x, y]).map((g) => [...g])).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(operationOf({ op: 'sum' }).coefficients!(node('sum'), CONTEXT.at)).toEqual([1, 1])
  })

  test('a product multiplies them', () => {
    const { mean, kernel, gaussian, sources, grid: none } = moments(node('multiply'), [DATA, other])
    near(mean, [2, 0, 0])
    near(
      kernel,
      [...DATA.kernel].map((k) => k * k),
    )
    expect([gaussian, [...sources], none]).toEqual([false, ['input', 'w'], undefined])
    const [left, right] = back(node('multiply'), [pair(0, 4, 1), pair(0, 9, 2)])
    near(left!.square, [27, 45])
    near(right!.square, [12, 20])
    const three: Gradient = { square: Float64Array.of(1, 1, 1), uniform: true }
    near(back(node('multiply'), [DATA, DATA], OVER_DATA, three)[0]!.square, [4, 3, 5])
  })

  test('a product position by position, where one side or both have positions', () => {
    const plain = pair(0.5, 5, 2, { sources: new Set(['w']) })
    const own = pair(0.5, 5, 2, { grid: grid([4, 6], [0, 1], true) })
    for (const sides of [
      [plain, own],
      [own, plain],
    ]) {
      const positions = moments(node('multiply'), sides).grid!
      near(positions.square, [20, 30])
      near(positions.mean, [0, 0.5])
      expect(positions.isShared).toBe(true)
    }
    const even = { ...own, grid: grid([4, 6], [0, 1]), sources: new Set(['w']) }
    expect(
      moments(
        node('multiply'),
        [even, plain].map((x, i) => ({ ...x, sources: new Set([`${i}`]) })),
      ).grid!.isShared,
    ).toBe(false)
    const [ofPlain, ofOwn] = back(node('multiply'), [plain, own])
    near(ofPlain!.grid!, [12, 18])
    near(ofPlain!.square, [15, 15])
    near(ofOwn!.square, [15, 25])
    expect(ofOwn!.grid).toBeUndefined()
  })

  test('trajectories of a product: value by value, each side the other’s slope', () => {
    const [x, y] = [particles(1, [1, -2, 3]), particles(1, [3, 5, -1])]
    const product = along(node('multiply'), [{ ...x, normalised: 0.5 }, y])
    near(product.values, [3, -10, -3])
    expect(product.normalised).toBe(0)
    expect(backAlong(node('multiply'), [1, 2, 1], [x, y]).map((g) => [...g])).toEqual([
      [3, 10, -1],
      [1, -4, 3],
    ])
    // Independent by construction: what they share by chance is taken out of one side.
    const apart = along(node('multiply'), [x, { ...y, sources: new Set(['w']) }])
    expect([...apart.sources]).toEqual(['input', 'w'])
    expect([...apart.values]).not.toEqual([...product.values])
  })

  test('sides that depend on each other have no theory', () => {
    expect(() => moments(node('sum'), [DATA, DATA])).toThrow(
      new NoTheory('a sum whose sides depend on each other, with no linear layer in between'),
    )
    expect(() => moments(node('multiply'), [DATA, DATA])).toThrow(
      new NoTheory('a product whose sides depend on each other, with no linear layer in between'),
    )
    expect(() => back(node('multiply'), [DATA, other], {}, { ...GRADIENT, uniform: false })).toThrow(
      new NoTheory('a product whose gradient depends on its parts'),
    )
  })
})

describe('windows over positions', () => {
  /** A row of four, of two samples: mean square, mean and deviation at each place. */
  const ROW = { square: [4, 6, 5, 9], mean: [0, 1, 0.5, -1] }
  const deviation = ROW.square.map((q, s) => Math.sqrt(q - ROW.mean[s]! ** 2))
  const average = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
  const [CROSS, MEAN] = [1.5, average(ROW.mean)]
  const x = pair(MEAN, average(ROW.square), CROSS, { grid: grid(ROW.square, ROW.mean), gaussian: false })
  const correlation = (CROSS - MEAN ** 2) / average(deviation) ** 2
  /** E of two values: of one sample or of two, at two places; nothing stands outside the row. */
  const together = (p: number, q: number, isSame: boolean) => {
    if (p < 0 || q < 0 || p > 3 || q > 3) return 0
    if (isSame && p === q) return ROW.square[p]!
    return correlation * deviation[p]! * deviation[q]! + ROW.mean[p]! * ROW.mean[q]!
  }
  const meanAt = (p: number) => ROW.mean[p] ?? 0
  const places = (count: number) => Array.from({ length: count }, (_, i) => i)
  const input = shape(2, 1, 4)

  test('a convolution adds what each tap sees: He, 2 units in and 3 out, kernel 3, padding 1', () => {
    const conv = node('conv-1d', { units: 1.5, kernel: 3, stride: 1, padding: 1 })
    const context = { input, output: shape(3, 1, 4) }
    const made = moments(conv, [x], context)
    const taps = [-1, 0, 1]
    const expected = places(4).map(
      (p) => (2 / 3) * taps.reduce((sum, t) => sum + together(p + t, p + t, true), 0),
    )
    near(made.grid!.square, expected)
    near(made.grid!.mean, [0, 0, 0, 0])
    const cross = average(
      places(4).flatMap((p) =>
        places(4).map((q) => (2 / 3) * taps.reduce((sum, t) => sum + together(p + t, q + t, false), 0)),
      ),
    )
    near(made.kernel, [average(expected), cross, cross, average(expected)])
    expect([made.gaussian, [...made.sources], made.grid!.isShared]).toEqual([true, ['node'], false])
    // Back: each position collects from the places that see it, at variance × units out over units in.
    const gradient: Gradient = {
      square: Float64Array.of(1, 1),
      uniform: false,
      grid: Float64Array.of(1, 2, 4, 8),
    }
    const [below] = back(conv, [x], context, gradient)
    near(below!.grid!, [3, 7, 14, 12])
    near(below!.square, [9, 9])
    expect(below!.uniform).toBe(true)
  })

  test('a convolution’s bias, and standardised weights, which see no mean of their window', () => {
    const context = { input, output: shape(2, 1, 2) }
    const conv = node('conv-1d', { units: 1, kernel: 2, stride: 2, padding: 0 })
    // Fan-in 4.
    const drawn = moments(conv, [x], { ...context, ...PYTORCH })
    near(drawn.grid!.square, [5 / 3 + 1 / 12, 7 / 3 + 1 / 12])
    const standardised = moments({ ...conv, standardised: 2 } as GraphNode, [x], context)
    // He's variance of 1/2 at fan-in 4, beside the epsilon under the root.
    const kept = 0.5 / (0.5 + 1e-12)
    near(standardised.grid!.square, [kept * 4 * (5 - 0.5 ** 2), kept * 4 * (7 - 0.25 ** 2)])
    const crossing = (p: number, q: number) =>
      4 * ((together(2 * p, 2 * q, false) + together(2 * p + 1, 2 * q + 1, false)) / 2)
    const lost = 4 * ((0.5 - 0.25) / 2) ** 2
    const cross = average(places(2).flatMap((p) => places(2).map((q) => crossing(p, q)))) - lost
    expect(standardised.kernel[1]).toBeCloseTo(cross, 10)
    expect(() => moments(conv, [x], { exchangeable: false })).toThrow(
      new NoTheory('a convolution over a data set'),
    )
    for (const go of [
      () => along(conv, []),
      () => operationOf(conv).gradientParticles(conv, new Float64Array(), [], particles(1, []), CONTEXT),
    ])
      expect(go).toThrow(
        new NoTheory('what is sampled knows no positions, which differ behind a convolution'),
      )
  })

  test('average pooling: the mean of a window, whose values are correlated', () => {
    const pool = node('average-pool', { kernel: 2, stride: 1, padding: 1 })
    const made = moments(pool, [x], { input, output: shape(2, 1, 5) })
    const square = places(5).map((p) => {
      const seen = [p - 1, p]
      return seen.reduce((sum, i) => sum + seen.reduce((inner, j) => inner + together(i, j, true), 0), 0) / 4
    })
    near(made.grid!.square, square)
    near(
      made.grid!.mean,
      places(5).map((p) => (meanAt(p - 1) + meanAt(p)) / 2),
    )
    const cross = average(
      places(5).flatMap((p) =>
        places(5).map((q) => {
          const sum = [p - 1, p].flatMap((i) => [q - 1, q].map((j) => together(i, j, false)))
          return sum.reduce((total, value) => total + value, 0) / 4
        }),
      ),
    )
    expect(made.kernel[1]).toBeCloseTo(cross, 10)
    expect([made.gaussian, [...made.sources], made.grid!.isShared]).toEqual([false, ['input'], true])
    const apart = node('average-pool', { kernel: 2, stride: 2, padding: 0 })
    expect(moments(apart, [x], { input }).grid!.isShared).toBe(false)
    const gradient: Gradient = { square: Float64Array.of(4, 4), uniform: true }
    near(back(apart, [x], { input, output: shape(2, 1, 2) }, gradient)[0]!.grid!, [1, 1, 1, 1])
    expect(() => moments(apart, [{ ...x, grid: grid(ROW.square, ROW.mean, true) }], { input })).toThrow(
      new NoTheory('a pool of what a pool with overlapping windows has made alike'),
    )
    expect(() => moments(apart, [x], { input, exchangeable: false })).toThrow(
      new NoTheory('average pooling over a data set'),
    )
    const bent = new NoTheory('what is sampled knows no positions, which average pooling joins')
    expect(() => along(apart, [])).toThrow(bent)
    expect(() =>
      operationOf(apart).gradientParticles(apart, new Float64Array(), [], particles(1, []), CONTEXT),
    ).toThrow(bent)
  })

  test('max pooling has none', () => {
    const pool = node('max-pool', { kernel: 2, stride: 2, padding: 0 })
    const none = new NoTheory('max pooling')
    expect(() => moments(pool, [x])).toThrow(none)
    expect(() => back(pool, [x])).toThrow(none)
    expect(() => along(pool, [])).toThrow(none)
    expect(() =>
      operationOf(pool).gradientParticles(pool, new Float64Array(), [], particles(1, []), CONTEXT),
    ).toThrow(none)
  })

  test('the shortcut keeps every other position; units that are added are 0', () => {
    const skip = node('shortcut', { stride: 2 })
    const wider = { input, output: shape(4, 1, 2) }
    const made = moments(skip, [{ ...x, gaussian: true }], wider)
    near(made.grid!.square, [2, 2.5])
    near(made.grid!.mean, [0, 0.25])
    near(made.mean, [0.125, 0.125])
    near(made.kernel, [2.25, CROSS / 2, CROSS / 2, 2.25])
    expect([made.gaussian, made.grid!.isShared]).toEqual([false, false])
    const narrower = moments(skip, [{ ...x, gaussian: true }], { input, output: shape(1, 1, 2) })
    near(narrower.grid!.square, [4, 5])
    expect(narrower.gaussian).toBe(true)
    const rows = { input: shape(2, 2, 2), output: shape(2, 1, 1) }
    near(moments(skip, [x], rows).kernel, [4, CROSS, CROSS, 4])
    const square = { input: shape(2, 3, 3), output: shape(2, 2, 2) }
    const nine = { ...x, grid: grid([1, 2, 3, 4, 5, 6, 7, 8, 9], new Array<number>(9).fill(0)) }
    near(moments(skip, [nine], square).grid!.square, [1, 3, 7, 9])
    near(back(skip, [x], { input, output: shape(1, 1, 2) })[0]!.grid!, [1.5, 0, 1.5, 0])
    near(back(skip, [x], wider)[0]!.grid!, [3, 0, 3, 0])
  })

  test('the shortcut without positions: a share of the units, forward and back', () => {
    const skip = node('shortcut', { stride: 1 })
    const made = moments(skip, [DATA], { output: shape(8) })
    near(made.mean, [0.5, 0, -0.5])
    near(
      made.kernel,
      [...DATA.kernel].map((k) => k / 2),
    )
    expect(made.gaussian).toBe(false)
    expect(made.grid).toBeUndefined()
    near(moments(skip, [DATA], { output: shape(2) }).kernel, [...DATA.kernel])
    near(back(skip, [DATA], { output: shape(8) })[0]!.square, [3, 5])
    near(back(skip, [DATA], { output: shape(2) })[0]!.square, [1.5, 2.5])
    expect(back(skip, [DATA])[0]!.grid).toBeUndefined()
  })

  test('the shortcut along trajectories, which come in pairs of halves', () => {
    const skip = node('shortcut', { stride: 1 })
    const own = particles(4, [1, 2, 3, 4, 5, 6, 7, 8])
    const wider = { output: shape(8) }
    near(along(skip, [own], wider).values, [1, 2, 0, 0, 5, 6, 0, 0])
    expect(along(skip, [own], { output: shape(2) })).toBe(own)
    expect(along(skip, [own])).toBe(own)
    near(backAlong(skip, [1, 2, 3, 4, 5, 6, 7, 8], [own], wider)[0]!, [1, 2, 1, 2, 5, 6, 5, 6])
    near(backAlong(skip, [1, 2, 3, 4, 5, 6, 7, 8], [own], { output: shape(2) })[0]!, [1, 2, 0, 0, 5, 6, 0, 0])
    near(backAlong(skip, [1, 2, 3, 4, 5, 6, 7, 8], [own])[0]!, [1, 2, 3, 4, 5, 6, 7, 8])
    // However few of many units come from the input, one does.
    near(
      backAlong(skip, [1, 2, 3, 4, 5, 6, 7, 8], [own], { output: shape(400) })[0]!,
      [1, 2, 1, 2, 5, 6, 5, 6],
    )
    expect(() => along(skip, [own], { input })).toThrow(
      new NoTheory('what is sampled knows no positions, which a shortcut leaves out'),
    )
  })
})

test('what backward does to the sum of a unit’s gradients, and what is homogeneous', () => {
  const sums = (is: string) => (op: string) => operationOf(node(op)).gradientSum === is
  const all = [
    'linear',
    'conv-1d',
    'batch-norm',
    'layer-norm',
    'group-norm',
    'center',
    'shortcut',
    'relu',
    'dropout',
  ]
  expect(all.filter(sums('removed'))).toEqual(['batch-norm', 'center'])
  expect(all.filter(sums('kept'))).toEqual(['linear', 'conv-1d', 'layer-norm', 'group-norm', 'shortcut'])
  const activations = ['relu', 'leaky-relu', 'gelu', 'silu', 'tanh']
  expect(activations.filter((op) => operationOf(node(op)).isHomogeneous)).toEqual(['relu', 'leaky-relu'])
})
