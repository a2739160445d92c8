import { describe, expect, it } from 'vitest'
import { pairedDifference } from '../../../shared/numerics/paired'
import { studentQuantile, studentWithin } from '../../../shared/numerics/student'

describe('Student’s t', () => {
  it('has the quantiles of the published tables (two-sided, 95 % and 99 %)', () => {
    const table: [number, number, number][] = [
      [1, 12.706, 63.657],
      [2, 4.303, 9.925],
      [3, 3.182, 5.841],
      [4, 2.776, 4.604],
      [5, 2.571, 4.032],
      [9, 2.262, 3.25],
      [10, 2.228, 3.169],
      [24, 2.064, 2.797],
      [30, 2.042, 2.75],
      [120, 1.98, 2.617],
    ]
    for (const [degrees, at95, at99] of table) {
      expect(studentQuantile(0.95, degrees), `${degrees}`).toBeCloseTo(at95, 2)
      expect(studentQuantile(0.99, degrees), `${degrees}`).toBeCloseTo(at99, 2)
      expect(studentWithin(studentQuantile(0.95, degrees), degrees)).toBeCloseTo(0.95, 10)
    }
  })

  it('is Cauchy’s distribution for one degree of freedom', () => {
    for (const t of [0, 0.3, 1, 7]) expect(studentWithin(t, 1)).toBeCloseTo((2 / Math.PI) * Math.atan(t), 14)
  })
})

describe('paired differences', () => {
  it('have the interval of a t-test on pairs', () => {
    // Differences 1, 2, 3, 4: mean 2.5, s = 1.2910, t(3) = 3.1824, reach = 3.1824 · 1.2910 / 2.
    const found = pairedDifference([2, 4, 6, 8], [1, 2, 3, 4])!
    expect(found).toMatchObject({ mean: 2.5, n: 4 })
    expect(found.low).toBeCloseTo(2.5 - 2.0543, 3)
    expect(found.high).toBeCloseTo(2.5 + 2.0543, 3)
  })

  it('say nothing of the spread of one pair, and nothing without a pair', () => {
    expect(pairedDifference([0.4], [0.5])).toEqual({
      mean: -0.09999999999999998,
      low: null,
      high: null,
      n: 1,
    })
    expect(pairedDifference([], [])).toBeNull()
  })

  it('of a diverged network are no number', () => {
    expect(pairedDifference([0.4, NaN], [0.5, 0.5])).toEqual({ mean: NaN, low: null, high: null, n: 2 })
    expect(pairedDifference([Infinity, 1], [1, 1])!.mean).toBeNaN()
  })

  it('of a network with itself are zero', () => {
    expect(pairedDifference([0.1, 0.2], [0.1, 0.2])).toEqual({ mean: 0, low: 0, high: 0, n: 2 })
  })
})
