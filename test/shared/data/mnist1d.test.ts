import { expect, test } from 'vitest'
import { mnist1d } from '../../../shared/data/mnist1d'

test('MNIST-1D is the published one, to 1e-6', () => {
  const { x, y, xTest, yTest } = mnist1d()
  const expected = [-0.332006, -0.47191, -0.778697, -1.009741, -0.882353]
  expected.forEach((value, i) => expect(Math.abs(x[i] - value)).toBeLessThan(1e-6))
  expect([...y.subarray(0, 10)].join('')).toBe('2645666031')
  expect([...yTest.subarray(0, 10)].join('')).toBe('2639431952')
  expect([x.length, xTest.length]).toEqual([4000 * 40, 1000 * 40])
})

test('it is standardised over all samples, training and test', () => {
  const { x, xTest } = mnist1d()
  const all = [...x, ...xTest]
  const mean = all.reduce((a, b) => a + b) / all.length
  const variance = all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length
  expect(mean).toBeCloseTo(0, 9)
  expect(variance).toBeCloseTo(1, 9)
})
