import { expect, test } from 'vitest'
import { percentile, summarisePoint } from '../../../shared/numerics/statistics'

test('percentiles are numpy’s', () => {
  // numpy.percentile([1, 2, 4, 8], [5, 50, 95]) = 1.15, 3, 7.4
  const { mean, median, low, high } = summarisePoint([8, 1, 4, 2])
  expect([mean, median]).toEqual([3.75, 3])
  expect(low).toBeCloseTo(1.15, 12)
  expect(high).toBeCloseTo(7.4, 12)
})

test('one replica is its own summary', () => {
  expect(summarisePoint([7])).toEqual({ mean: 7, median: 7, low: 7, high: 7 })
})

test('non-finite values are not dropped', () => {
  expect(summarisePoint([1, NaN])).toEqual({ mean: NaN, median: NaN, low: NaN, high: NaN })
  expect(summarisePoint([1, Infinity, Infinity])).toMatchObject({
    mean: Infinity,
    median: Infinity,
    high: Infinity,
  })
  expect(percentile([Infinity, Infinity], 0.5)).toBe(Infinity)
})
