import { expect, test } from 'vitest'
import { SweepPace } from '../../../shared/sweep/pace'

test('the speed of a sweep is that of its last ten points', () => {
  const pace = new SweepPace(14)
  expect([pace.rate, pace.secondsLeft, pace.words]).toEqual([null, null, ''])
  pace.tick(100)
  pace.tick(100)
  expect([pace.rate, pace.secondsLeft]).toEqual([0.01, 1200])
  for (let i = 0; i < 10; i++) pace.tick(0.5)
  expect([pace.rate, pace.secondsLeft]).toEqual([2, 1])
  expect(pace.words).toMatch(/^; 120(\.0)? a minute, about 1(\.0)? s left$/)
  pace.tick(0.5)
  pace.tick(0.5)
  expect([pace.secondsLeft, pace.words]).toEqual([0, ''])
})
