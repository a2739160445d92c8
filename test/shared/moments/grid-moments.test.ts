import { describe, expect, test } from 'vitest'
import {
  average,
  gridDeviations,
  gridGradient,
  gridMoments,
  gridOf,
  tapSums,
  windowShares,
  windowSums,
  withGrid,
} from '../../../shared/moments/grid-moments'
import {
  batchMean,
  batchVariance,
  kappa0,
  kappa1,
  meanOf,
  meanSquare,
  type Moments,
} from '../../../shared/moments/moments'
import { constant, scaled, times } from '../../../shared/moments/law'

const moments = (mean: number, square: number, cross: number): Moments => ({
  mean: Float64Array.of(mean, mean),
  kernel: Float64Array.of(square, cross, cross, square),
  gaussian: true,
  sources: new Set(['input']),
})
const grid = (square: number[], mean: number[], isShared = false) => ({
  square: Float64Array.from(square),
  mean: Float64Array.from(mean),
  isShared,
})

describe('positions of a grid', () => {
  test('are alike where nothing else is said', () => {
    expect(gridOf(moments(0.5, 5, 2), 3)).toEqual(grid([5, 5, 5], [0.5, 0.5, 0.5]))
    const own = grid([4, 6], [0, 1])
    expect(gridOf({ ...moments(0.5, 5, 2), grid: own }, 2)).toBe(own)
  })

  test('have deviations of their own, and one correlation that makes the moment of two samples right', () => {
    const { deviation, typical, correlation } = gridDeviations(moments(0.5, 5, 2), grid([4, 10], [0, 1]))
    expect([...deviation, typical]).toEqual([2, 3, 2.5])
    expect(correlation).toBeCloseTo(1.75 / 6.25, 12)
    expect(gridDeviations(moments(0, 1, 5), grid([1, 1], [0, 0])).correlation).toBe(1)
    expect(gridDeviations(moments(0, 1, -5), grid([1, 1], [0, 0])).correlation).toBe(-1)
    const none = gridDeviations(moments(0, 0, 0), grid([0, 1e-20], [0, 1]))
    expect([...none.deviation, none.correlation]).toEqual([0, 0, 0])
  })

  test('average to moments, and are forgotten where they are alike and share no values', () => {
    const rest = { gaussian: false, sources: new Set(['a']) }
    const own = grid([4, 6], [0, 1])
    expect(gridMoments(own, 2, rest)).toEqual({
      ...rest,
      mean: Float64Array.of(0.5, 0.5),
      kernel: Float64Array.of(5, 2, 2, 5),
      grid: own,
    })
    expect(gridMoments(grid([5, 5 + 1e-13], [0, 0]), 2, rest).grid).toBeUndefined()
    expect(gridMoments(grid([5, 5 + 1e-9], [0, 0]), 2, rest).grid).toBeDefined()
    expect(gridMoments(grid([1, 2, 3], [0, 0, 0]), 1, rest).grid).toBeDefined()
    expect(gridMoments(grid([5, 5], [0, 0], true), 2, rest).grid).toBeDefined()
  })

  test('of a gradient: alike, or their own, and their mean', () => {
    const gradient = { square: Float64Array.of(3, 3), uniform: false }
    expect([...gridGradient(gradient, 3)]).toEqual([3, 3, 3])
    const own = withGrid(gradient, Float64Array.of(1, 2, 6))
    expect(own).toEqual({ square: Float64Array.of(3, 3), uniform: false, grid: Float64Array.of(1, 2, 6) })
    expect(gridGradient(own, 3)).toBe(own.grid)
    expect(average(Float64Array.of(1, 2, 6))).toBe(3)
  })
})

describe('a window over a grid of two rows and three columns, stride 2, a margin of 1', () => {
  // 1 2 3
  // 4 5 6
  const window = {
    grid: [2, 3],
    kernel: [2, 2],
    stride: [2, 2],
    padding: [1, 1],
  } satisfies Parameters<typeof windowSums>[1]
  const values = Float64Array.of(1, 2, 3, 4, 5, 6)

  test('sums what each place sees', () => expect([...windowSums(values, window)]).toEqual([1, 5, 4, 11]))

  test('shares what each place has among the positions that it sees', () =>
    expect([...windowShares(Float64Array.of(1, 10, 100, 1000), window)]).toEqual([
      1, 10, 10, 100, 1000, 1000,
    ]))

  test('sums what each tap sees', () => expect([...tapSums(values, window)]).toEqual([5, 10, 2, 4]))

  test('positions that overlapping places see count as often', () => {
    const dense = { grid: [1, 3], kernel: [1, 2], stride: [1, 1], padding: [0, 0] } satisfies
      typeof window | object
    const row = dense as unknown as typeof window
    expect([...windowSums(Float64Array.of(1, 2, 4), row)]).toEqual([3, 6])
    expect([...windowShares(Float64Array.of(1, 10), row)]).toEqual([1, 11, 10])
    expect([...tapSums(Float64Array.of(1, 2, 4), row)]).toEqual([3, 6])
  })
})

describe('moments over the batch', () => {
  const kernel = Float64Array.of(4, 1, 0, 1, 3, 2, 0, 2, 5)
  const data = { mean: Float64Array.of(1, 0, -1), kernel }

  test('mean square and mean over samples', () => {
    expect(meanSquare(data)).toBe(4)
    expect(meanOf(Float64Array.of(1, 2, 6))).toBe(3)
  })

  test('of a data set: its rows’ means; of exchangeable samples: two stand for any pair', () => {
    const own = batchMean(kernel, 3, { batch: 3, exchangeable: false })
    expect([...own.rows]).toEqual([5 / 3, 2, 7 / 3])
    expect(own.all).toBeCloseTo(2, 12)
    const pair = batchMean(Float64Array.of(5, 2, 2, 7), 2, { batch: 10, exchangeable: true })
    expect([...pair.rows]).toEqual([2.3, 2.5])
    expect(pair.all).toBeCloseTo(2.4, 12)
    expect(batchMean(Float64Array.of(5, 2, 2, 5), 2, { batch: Infinity, exchangeable: true }).all).toBe(2)
  })

  test('variance: what the mean square has over the batch’s mean, never below 0, infinite where it is', () => {
    expect(batchVariance(data, { batch: 3, exchangeable: false })).toBeCloseTo(2, 12)
    expect(batchVariance(moments(0, 5, 2), { batch: 10, exchangeable: true })).toBeCloseTo(2.7, 12)
    expect(batchVariance(moments(0, 2, 5), { batch: 10, exchangeable: true })).toBe(0)
    expect(batchVariance(moments(0, Infinity, Infinity), { batch: 10, exchangeable: true })).toBe(Infinity)
  })

  test('κ0 and κ1 (Cho and Saul 2009) at 1, 0, 1/2 and -1, and beyond rounding', () => {
    expect([kappa1(1), kappa1(2), kappa1(-1), kappa1(-2)]).toEqual(
      [1, 1, 0, 0].map((k) => expect.closeTo(k, 12)),
    )
    expect(kappa1(0)).toBeCloseTo(1 / Math.PI, 12)
    expect(kappa1(0.5)).toBeCloseTo(Math.sqrt(3) / 2 / Math.PI + 1 / 3, 12)
    expect([kappa0(1), kappa0(1.1), kappa0(-1), kappa0(-1.1)]).toEqual([1, 1, 0, 0])
    expect(kappa0(0.5)).toBeCloseTo(2 / 3, 12)
  })
})

describe('laws as people write them', () => {
  const q = { symbols: 'q', value: 3 }

  test('a constant has three digits and no more than it needs', () => {
    expect([2, 0.5, 1 / 3, 1234.5].map(constant)).toEqual([
      { symbols: '2', value: 2 },
      { symbols: '0.5', value: 0.5 },
      { symbols: '0.333', value: 1 / 3 },
      { symbols: '1230', value: 1234.5 },
    ])
  })

  test('a factor of one is not written, on either side', () => {
    expect(times(constant(2), q)).toEqual({ symbols: '2 · q', value: 6 })
    expect(times(constant(1), q)).toEqual(q)
    expect(times(q, constant(1))).toEqual(q)
  })

  test('a multiple: the mean square by the square of the number, the mean by the number', () => {
    expect(scaled(-2, { ...q, isCentred: false, mean: { symbols: 'm', value: 1 } })).toEqual({
      symbols: '4 · q',
      value: 12,
      isCentred: false,
      mean: { symbols: '-2 · m', value: -2 },
    })
    expect(scaled(2, { ...q, isCentred: true, mean: null }).mean).toBeNull()
  })
})
