import { expect, test } from 'vitest'
import { grouped } from '../../../shared/runs/statistics'

const VALUES = [2, 4, 4, 4, 5, 5, 7, 9]

test('mean, median and n', () => {
  expect(grouped(VALUES, 'mean', 'none')).toEqual({ y: 5, n: 8 })
  expect(grouped(VALUES, 'median', 'none')).toEqual({ y: 4.5, n: 8 })
})

test('the band is smallest to largest, standard deviation, or 95 % of the mean', () => {
  expect(grouped(VALUES, 'mean', 'range')).toMatchObject({ low: 2, high: 9 })
  // The squares add up to 32; over n − 1 = 7.
  const sd = grouped(VALUES, 'median', 'sd')
  expect(sd.high! - sd.low!).toBeCloseTo(2 * Math.sqrt(32 / 7), 12)
  // scipy.stats.t.interval(.95, 7, 5, sem): 3.2126 to 6.7874.
  const mean95 = grouped(VALUES, 'mean', 'mean95')
  expect(mean95.low).toBeCloseTo(3.2126, 3)
  expect(mean95.high).toBeCloseTo(6.7874, 3)
})

test('a single value has no band, and what is no number makes the whole so', () => {
  expect(grouped([3], 'mean', 'mean95')).toEqual({ y: 3, n: 1 })
  expect(grouped([3, NaN], 'mean', 'range')).toEqual({ y: NaN, n: 2 })
})
