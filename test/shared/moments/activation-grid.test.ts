import { describe, expect, test } from 'vitest'
import { activationTheory, type Activation } from '../../../shared/moments/activation-theory'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { NoTheory, type Gradient, type Moments, type TheoryContext } from '../../../shared/moments/moments'
import type { Particles } from '../../../shared/moments/trajectories'
import { pair } from './samples'

const TANH: Activation = { title: 'tanh', f: Math.tanh, df: (x) => 1 - Math.tanh(x) ** 2 }
/** Rough answers are told apart from exact ones. */
const ROUGH: Activation = { ...TANH, rough: { f: (x) => 2 * x, df: () => 3 } }
const leaky = (slope: number): Activation => ({
  title: 'leaky ReLU',
  f: (x) => (x > 0 ? x : slope * x),
  df: (x) => (x > 0 ? 1 : slope),
  slope,
})
const node = { id: 'a', op: 'relu', inputs: ['input'] } as const satisfies GraphNode
const context = {} as TheoryContext
const theory = (activation: Activation) => activationTheory(() => activation)

/** Deviations 1, 1.5 and 2 around a mean, so that the typical one is 1.5. */
const DEVIATIONS = [1, 1.5, 2]
function onGrid(mean: number, isShared = false): Moments {
  const square = Float64Array.from(DEVIATIONS, (s) => s * s + mean * mean)
  const all = square.reduce((sum, q) => sum + q, 0) / 3
  const positions = { square, mean: new Float64Array(3).fill(mean), isShared }
  return pair(mean, all, 0.9 + mean * mean, { grid: positions, normalised: 0.5 })
}
const moments = (activation: Activation, x: Moments) => theory(activation).moments(node, [x], context)
const back = (activation: Activation, x: Moments, gradient: Gradient) =>
  theory(activation).gradientMoments(node, gradient, [x], context)[0]!
const uniform: Gradient = { square: Float64Array.of(2, 2), uniform: true }
const near = (actual: ArrayLike<number>, expected: number[], digits = 10) =>
  expect(Array.from(actual)).toEqual(expected.map((value) => expect.closeTo(value, digits)))

describe('where positions differ in their deviation', () => {
  test.each([
    ['tanh, centred', TANH, 0, 5],
    ['tanh around 0.3', TANH, 0.3, 5],
    ['ReLU, centred', leaky(0), 0, 10],
    ['leaky ReLU, centred', leaky(0.2), 0, 10],
  ] as const)('%s: each position’s moments are those of its own Gaussian', (_, activation, mean, digits) => {
    const made = moments(activation, onGrid(mean))
    const single = DEVIATIONS.map((s) => moments(activation, pair(mean, s * s + mean * mean, 0)))
    near(
      made.grid!.square,
      single.map(({ kernel }) => kernel[0]!),
      digits,
    )
    near(
      made.grid!.mean,
      single.map((one) => one.mean[0]!),
      digits,
    )
    // A pair of samples at the typical deviation of 1.5.
    const typical = moments(activation, pair(mean, 2.25 + mean * mean, 0.9 + mean * mean))
    expect(made.kernel[1]).toBeCloseTo(typical.kernel[1]!, 10)
    expect(made.kernel[0]).toBeCloseTo(made.grid!.square.reduce((sum, q) => sum + q, 0) / 3, 10)
    expect([made.gaussian, [...made.sources], made.grid!.isShared]).toEqual([false, ['input'], false])
    expect(moments(activation, onGrid(mean, true)).grid!.isShared).toBe(true)
  })

  test('gradients: by each position’s mean squared slope', () => {
    const grid = Float64Array.of(1, 2, 3)
    const made = back(TANH, onGrid(0.3), { ...uniform, grid })
    const slopes = DEVIATIONS.map((s) => back(TANH, pair(0.3, s * s + 0.09, 0), uniform).square[0]! / 2)
    near(
      made.grid!,
      slopes.map((slope, s) => slope * grid[s]!),
      5,
    )
    expect(made.uniform).toBe(false)
    near(
      back(TANH, onGrid(0.3), uniform).grid!,
      slopes.map((slope) => 2 * slope),
      5,
    )
  })

  test('behind a kink it is one factor for all: (1 + a²)/2', () => {
    const made = back(leaky(0.2), onGrid(0), uniform)
    near(made.square, [1.04, 1.04])
    expect(made.grid).toBeUndefined()
    expect(made.uniform).toBe(false)
  })

  test('positions that are nearly alike are one', () => {
    const square = Float64Array.of(1, 1 + 1e-10, 1)
    const alike = pair(0.3, 1, 0.5, { grid: { square, mean: new Float64Array(3).fill(0.3), isShared: true } })
    const made = moments(TANH, alike).grid!.square
    expect(made[0]).toBe(made[1])
    expect(made[0]).toBeCloseTo(moments(TANH, pair(0.3, 1, 0.5)).kernel[0]!, 8)
  })

  test('a stream that is not Gaussian has none, there or without positions', () => {
    const refused = new NoTheory('tanh of a stream that is not Gaussian')
    for (const x of [onGrid(0), pair(0, 1, 0)]) {
      const bent = { ...x, gaussian: false }
      expect(() => moments(TANH, bent)).toThrow(refused)
      expect(() => theory(TANH).maskCorrelation(node, bent, context)).toThrow(refused)
    }
    expect(() => back(TANH, pair(0, 1, 0), { ...uniform, uniform: false })).toThrow(
      new NoTheory('tanh of a gradient that depends on the activation'),
    )
  })
})

describe('what a batch norm has made alike', () => {
  test('stays so through a kink, not through a bend', () => {
    const x = pair(0, 1, 0.5, { normalised: 0.5 })
    expect([moments(leaky(0.1), x).normalised, moments(TANH, x).normalised]).toEqual([0.5, 0])
    const particles: Particles = {
      units: 1,
      samples: 2,
      values: Float64Array.of(1, -2),
      sources: new Set(),
      normalised: 0.5,
    }
    expect(theory(leaky(0.1)).particles(node, [particles], context).normalised).toBe(0.5)
    expect(theory(TANH).particles(node, [particles], context).normalised).toBe(0)
  })
})

describe('on trajectories', () => {
  const x: Particles = { units: 1, samples: 3, values: Float64Array.of(1, -2, 0.5), sources: new Set(['a']) }

  test('each value by itself, roughly where that is given', () => {
    const along = (activation: Activation) => theory(activation).particles(node, [x], context)
    near(along(TANH).values, [1, -2, 0.5].map(Math.tanh))
    near(along(ROUGH).values, [2, -4, 1])
    expect([...along(TANH).sources]).toEqual(['a'])
  })

  test('gradients times the slope there', () => {
    const along = (activation: Activation) =>
      theory(activation).gradientParticles(node, Float64Array.of(1, 2, -1), [x], x, context)[0]!
    near(along(TANH), [TANH.df(1), 2 * TANH.df(-2), -TANH.df(0.5)])
    near(along(ROUGH), [3, 6, -3])
    near(along(leaky(0.2)), [1, 0.4, -1])
  })
})

describe('masks of two samples', () => {
  test('of a kink: P that both are on the same side, for any slope', () => {
    const c = 0.6
    const x = pair(0, 4, 4 * c)
    const same = 1 / 2 + Math.asin(c) / Math.PI
    for (const slope of [0, 0.2]) {
      const both = (same / 2) * (1 + slope ** 2) + (1 - same) * slope
      expect(theory(leaky(slope)).maskCorrelation(node, x, context)).toBeCloseTo(
        both / ((1 + slope ** 2) / 2),
        12,
      )
    }
  })

  test('a kink off 0 is no kink in the middle: the series says what the closed form of a mean would', () => {
    const made = moments(leaky(0), pair(1, 2, 1.5))
    // N(1, 1): Φ(1) + φ(1).
    expect(made.mean[0]).toBeCloseTo(0.8413447460685429 + 0.24197072451914337, 8)
    expect(back(leaky(0), pair(1, 2, 1.5), uniform).square[0]).toBeCloseTo(2 * 0.8413447460685429, 8)
  })
})

test('samples of a data set: each has its mean and deviation, and every pair its correlation', () => {
  const x: Moments = {
    mean: new Float64Array(3),
    kernel: Float64Array.of(4, 2, 0, 2, 9, -9, 0, -9, 9),
    gaussian: true,
    sources: new Set(['input']),
  }
  const { mean, kernel } = moments(leaky(0), x)
  near(
    mean,
    [2, 3, 3].map((s) => s / Math.sqrt(2 * Math.PI)),
  )
  const kappa = (c: number) => (Math.sqrt(1 - c * c) + c * (Math.PI - Math.acos(c))) / (2 * Math.PI)
  near(kernel, [2, 6 * kappa(1 / 3), 6 * kappa(0), 6 * kappa(1 / 3), 4.5, 0, 6 * kappa(0), 0, 4.5])
  const bent = moments(TANH, x).kernel
  expect(bent[1]).toBe(bent[3])
  expect(bent[5]).toBeCloseTo(-bent[4]!, 5)
  expect(bent[2]).toBeCloseTo(0, 10)
})

test('independent samples of different means: the product of what each has, Gaussian no more', () => {
  // Means 0 and 1, variances 1, no covariance.
  const x: Moments = {
    mean: Float64Array.of(0, 1),
    kernel: Float64Array.of(1, 0, 0, 2),
    gaussian: true,
    sources: new Set(['input']),
  }
  const around = { ...x, mean: Float64Array.of(2, 1), kernel: Float64Array.of(5, 2, 2, 2) }
  for (const activation of [TANH, leaky(0), leaky(0.2)]) {
    for (const one of [x, around]) {
      const { mean, kernel, gaussian } = moments(activation, one)
      expect(kernel[1]).toBeCloseTo(mean[0]! * mean[1]!, 6)
      expect(gaussian).toBe(false)
    }
  }
  // max(0, N(1, 1)): Φ(1) + φ(1).
  expect(moments(leaky(0), x).mean[1]).toBeCloseTo(0.8413447460685429 + 0.24197072451914337, 6)
})

test('beyond float64, samples are alike; of nothing, independent', () => {
  const endless = moments(leaky(0), pair(0, Infinity, Infinity))
  expect([...endless.kernel]).toEqual([Infinity, Infinity, Infinity, Infinity])
  const nothing = moments(leaky(0), pair(0, 0, 0))
  expect([...nothing.kernel, ...nothing.mean]).toEqual([0, 0, 0, 0, 0, 0])
  expect(theory(leaky(0)).maskCorrelation(node, pair(0, 0, 0), context)).toBeCloseTo(0.5, 12)
  expect(theory(leaky(0)).maskCorrelation(node, pair(0, Infinity, Infinity), context)).toBeCloseTo(1, 12)
})
