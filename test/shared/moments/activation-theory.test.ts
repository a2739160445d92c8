import { describe, expect, test } from 'vitest'
import { activationTheory, type Activation } from '../../../shared/moments/activation-theory'
import { erf } from '../../../shared/numerics/erf'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { HermiteExpansion } from '../../../shared/numerics/hermite'
import { Random } from '../../../shared/numerics/random'
import { judgesMutants } from '../../mutation/judge'
import { NoTheory, type Moments, type TheoryContext } from '../../../shared/moments/moments'

const normal = (x: number) => (1 + erf(x / Math.SQRT2)) / 2
const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)

const GELU: Activation = { title: 'GELU', f: (x) => x * normal(x), df: (x) => normal(x) + x * density(x) }
const TANH: Activation = { title: 'tanh', f: Math.tanh, df: (x) => 1 - Math.tanh(x) ** 2 }
const leaky = (slope: number): Activation => ({
  title: 'leaky ReLU',
  f: (x) => (x > 0 ? x : slope * x),
  df: (x) => (x > 0 ? 1 : slope),
  slope,
})

const node = { id: 'a', op: 'relu', inputs: ['input'] } as const satisfies GraphNode
const context = {} as TheoryContext
const theory = (activation: Activation) => activationTheory(() => activation)

/** Two samples of one coordinate with these means, deviations and correlation. */
function pair(c: number, [s, t] = [1, 1], [m, k] = [0, 0]): Moments {
  const cross = c * s * t + m * k
  return {
    mean: Float64Array.of(m, k),
    kernel: Float64Array.of(s * s + m * m, cross, cross, t * t + k * k),
    gaussian: true,
    sources: new Set(['input']),
  }
}

const moments = (activation: Activation, x: Moments) => theory(activation).moments(node, [x], context)
function slopeSquare(activation: Activation, x: Moments): number {
  const uniform = { square: new Float64Array(2).fill(1), uniform: true }
  return theory(activation).gradientMoments(node, uniform, [x], context)[0].square[0]
}

/** E[f(X) f(Y)] by brute force: both axes in small steps. */
function brute(f: (x: number) => number, x: Moments): number {
  const [s, t] = [0, 1].map((a) => Math.sqrt(x.kernel[3 * a] - x.mean[a] ** 2))
  const c = (x.kernel[1] - x.mean[0] * x.mean[1]) / (s * t)
  const rest = Math.sqrt(1 - c * c)
  const step = judgesMutants ? 0.04 : 0.01
  let sum = 0
  for (let u = -8; u < 8; u += step) {
    const fx = f(x.mean[0] + s * u) * density(u)
    for (let w = -8; w < 8; w += step) sum += fx * density(w) * f(x.mean[1] + t * (c * u + rest * w))
  }
  return sum * step * step
}

describe('known answers', () => {
  test('GELU at q = 1: mean 0.28209, second moment 0.42522, squared slope 0.45585', () => {
    const { mean, kernel } = moments(GELU, pair(0))
    expect([mean[0], kernel[0], slopeSquare(GELU, pair(0))].map((x) => +x.toFixed(5))).toEqual([
      0.28209, 0.42522, 0.45585,
    ])
  })

  test('GELU at any q follows its closed form', () => {
    for (const q of [1e-6, 0.01, 0.3, 2, 17, 1e3, 1e8]) {
      const { mean, kernel } = moments(GELU, pair(0, [Math.sqrt(q), 1]))
      const second =
        q * (1 / 4 + (Math.asin(q / (1 + q)) + (2 * q) / ((1 + q) * Math.sqrt(1 + 2 * q))) / (2 * Math.PI))
      expect(mean[0] / (q / Math.sqrt(2 * Math.PI * (1 + q)))).toBeCloseTo(1, 9)
      expect(kernel[0] / second).toBeCloseTo(1, 9)
    }
  })

  test('tanh at q = 1: second moment .394294, squared slope .464403', () => {
    const { mean, kernel } = moments(TANH, pair(0))
    expect(kernel[0]).toBeCloseTo(0.394294, 6)
    expect(slopeSquare(TANH, pair(0))).toBeCloseTo(0.464403, 6)
    expect(Math.abs(mean[0])).toBeLessThan(1e-12)
  })

  test('leaky ReLU: second moment (1 + a²) q/2, mean (1 - a) s/√(2π)', () => {
    const { mean, kernel } = moments(leaky(0.2), pair(0, [3, 1]))
    expect(kernel[0]).toBeCloseTo((1.04 * 9) / 2, 10)
    expect(mean[0]).toBeCloseTo((0.8 * 3) / Math.sqrt(2 * Math.PI), 10)
    expect(slopeSquare(leaky(0.2), pair(0))).toBeCloseTo(0.52, 12)
  })

  test('ReLU of N(m, s²): mΦ(m/s) + sφ(m/s) and (m² + s²)Φ + msφ', () => {
    for (const [m, s] of [
      [1, 1],
      [-2, 0.7],
      [0.3, 5],
    ]) {
      const { mean, kernel } = moments(leaky(0), pair(0.5, [s, s], [m, m]))
      expect(mean[0]).toBeCloseTo(m * normal(m / s) + s * density(m / s), 9)
      expect(kernel[0]).toBeCloseTo((m * m + s * s) * normal(m / s) + m * s * density(m / s), 9)
      expect(slopeSquare(leaky(0), pair(0.5, [s, s], [m, m]))).toBeCloseTo(normal(m / s), 9)
    }
  })
})

describe('pairs of samples', () => {
  test('agree with brute force: any variances, means and correlation', () => {
    const cases = [pair(0.6), pair(-0.7, [1.5, 0.4]), pair(0.97, [2, 2]), pair(0.4, [1, 2], [0.5, -1])]
    for (const x of cases) {
      for (const activation of [GELU, TANH, leaky(0.1)]) {
        expect(Math.abs(moments(activation, x).kernel[1] - brute(activation.f, x))).toBeLessThan(3e-5)
      }
    }
  })

  test('the series of a kinked function agrees with its closed form', () => {
    const { f } = leaky(0.1)
    const series = new HermiteExpansion(f, 0, 2)
    for (const c of [-0.99, -0.5, 0, 0.3, 0.9, 0.99, 0.9999]) {
      const closed = moments(leaky(0.1), pair(c, [2, 2])).kernel[1]
      expect(Math.abs(series.with(series, c) * series.unit ** 2 - closed)).toBeLessThan(1e-6 * 4)
    }
  })

  test('large deviations: tanh becomes the sign, E = (2/π) asin c', () => {
    for (const c of [0.1, 0.8, 0.99]) {
      const { kernel } = moments(TANH, pair(c, [1e7, 1e7]))
      expect(Math.abs(kernel[1] - (2 / Math.PI) * Math.asin(c))).toBeLessThan(1e-3)
    }
  })

  test('masks: correlation of slopes is 1 for one sample twice, and κ0-like between', () => {
    expect(theory(TANH).maskCorrelation(node, pair(1), context)).toBeCloseTo(1, 9)
    expect(theory(leaky(0)).maskCorrelation(node, pair(0), context)).toBeCloseTo(0.5, 12)
    expect(theory(leaky(0)).maskCorrelation(node, pair(1), context)).toBeCloseTo(1, 12)
    const between = theory(GELU).maskCorrelation(node, pair(0.5), context)
    expect(between).toBeCloseTo(brute(GELU.df, pair(0.5)) / slopeSquare(GELU, pair(0)), 4)
  })
})

describe('behind a batch norm: a coordinate of a vector of fixed length in B - 1 dimensions', () => {
  const batch = 8
  const over = { batch, exchangeable: true } as TheoryContext
  const x = { ...pair(-1 / (batch - 1)), normalised: 1 }

  /** Means of products over drawn vectors of eight values of mean 0 and mean square 1. */
  function drawn(products: ((a: number, b: number) => number)[], draws = 400_000) {
    const random = new Random(3, 1001)
    const sums = products.map(() => 0)
    const values = new Float64Array(batch)
    for (let i = 0; i < draws; i++) {
      let mean = 0
      for (let at = 0; at < batch; at++) mean += (values[at] = random.normal()) / batch
      let square = 0
      for (let at = 0; at < batch; at++) square += (values[at] -= mean) ** 2 / batch
      const scale = 1 / Math.sqrt(square)
      products.forEach((product, j) => (sums[j] += product(values[0] * scale, values[1] * scale) / draws))
    }
    return sums
  }

  test.each([TANH, GELU])(
    '$title: moments, slopes and how much of a gradient leans on large values',
    (activation) => {
      const { f, df } = activation
      const bent = (value: number) => value * df(value)
      const [mean, square, cross, slope, slopes, own, both] = drawn([
        (a) => f(a),
        (a) => f(a) ** 2,
        (a, b) => f(a) * f(b),
        (a) => df(a) ** 2,
        (a, b) => df(a) * df(b),
        (a) => bent(a) ** 2,
        (a, b) => bent(a) * bent(b),
      ])
      const made = theory(activation).moments(node, [x], over)
      const uniform = { square: new Float64Array(2).fill(1), uniform: true }
      const [back] = theory(activation).gradientMoments(node, uniform, [x], over)
      const leverage = theory(activation).leverage(node, x, over)!
      const masks = theory(activation).maskCorrelation(node, x, over)
      const found = [
        made.mean[0],
        made.kernel[0],
        made.kernel[1],
        back.square[0],
        masks,
        leverage.own,
        leverage.pair,
      ]
      const expected = [mean, square, cross, slope, slopes / slope, own / slope, both / slope]
      expect(found).toEqual(expected.map((value) => expect.closeTo(value, 2)))
      expect(Math.abs(made.kernel[0] / square - 1)).toBeLessThan(0.003)
      // A Gaussian has longer tails.
      expect(Math.abs(moments(activation, x).kernel[0] / square - 1)).toBeGreaterThan(0.005)
    },
  )

  test('a large batch is Gaussian, and what is normalised in part or over a data set is taken as Gaussian', () => {
    const gaussian = moments(TANH, x).kernel[0]
    const of = (changes: object, normalised = 1) =>
      theory(TANH).moments(node, [{ ...x, normalised }], { ...over, ...changes }).kernel[0]
    expect(of({ batch: 4096 })).toBeCloseTo(gaussian, 3)
    expect(of({ batch: 4097 })).toBe(gaussian)
    expect(of({}, 0.9)).toBe(gaussian)
    expect(of({ exchangeable: false })).toBe(gaussian)
    expect(of({})).not.toBeCloseTo(gaussian, 3)
  })

  test('what keeps its proportions to the values says so elsewhere', () => {
    expect(theory(leaky(0)).leverage(node, x, over)).toBeNull()
  })
})

test('beyond float64 moments are infinite or saturate, never undefined', () => {
  for (const s of [1e120, 1e155, 1e200, Infinity]) {
    const x = pair(0, [s, s])
    x.kernel.fill(s * s)
    const [gelu, tanh, bent] = [GELU, TANH, leaky(0.1)].map((a) => moments(a, x))
    for (const { kernel, mean } of [gelu, tanh, bent]) {
      expect([...kernel, ...mean].some(Number.isNaN)).toBe(false)
    }
    expect(tanh.kernel[0]).toBeCloseTo(1, 3)
    expect(gelu.kernel[0]).toBe(s * s === Infinity ? Infinity : gelu.kernel[0])
    expect(Number.isNaN(slopeSquare(GELU, x))).toBe(false)
  }
  const zero = moments(GELU, pair(0, [0, 0]))
  expect([...zero.kernel, ...zero.mean]).toEqual([0, 0, 0, 0, 0, 0])
})

test('a stream that is not Gaussian is refused, with the activation’s name', () => {
  const x = { ...pair(0), gaussian: false }
  expect(() => moments(TANH, x)).toThrow(new NoTheory('tanh of a stream that is not Gaussian'))
})

test.skipIf(judgesMutants)('is quick: a hundred blocks of GELU whose variance doubles', () => {
  // The processor's time: what else runs on the machine is not ours.
  const began = process.cpuUsage()
  for (let k = 0; k < 100; k++) {
    const s = 2 ** (k / 2)
    moments(GELU, pair(0.9, [s, s]))
    slopeSquare(GELU, pair(0.9, [s, s]))
  }
  const { user, system } = process.cpuUsage(began)
  expect((user + system) / 1000).toBeLessThan(500)
})
