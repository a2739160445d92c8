import { expect, test } from 'vitest'
import { rankCorrelation } from '../../../shared/numerics/rank-correlation'

test('orders alone count', () => {
  expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000])).toEqual({ rho: 1, n: 4 })
  expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, -1]).rho).toBe(-1)
})

test('equal values share their mean rank (scipy.stats.spearmanr says the same)', () => {
  expect(rankCorrelation([1, 2, 2, 3, 5], [2, 1, 4, 4, 7]).rho).toBeCloseTo(0.7631578947368421, 12)
})

test('one value alone has no order', () => {
  expect(rankCorrelation([1, 1, 1], [1, 2, 3]).rho).toBeNaN()
})
