import { expect, test } from 'vitest'
import { Random } from '../../../shared/numerics/random'

const draw = (n: number, ...key: number[]) => {
  const values = new Float64Array(n)
  new Random(...key).fillNormal(values, 1)
  return values
}
const moment = (values: Float64Array, power: number) =>
  values.reduce((sum, x) => sum + x ** power, 0) / values.length

test('normal numbers have the moments of a standard normal', () => {
  const values = draw(1_000_000, 1)
  // Standard errors: 0.001, 0.0014, 0.0039, 0.0098.
  expect(Math.abs(moment(values, 1))).toBeLessThan(0.005)
  expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(0.007)
  expect(Math.abs(moment(values, 3))).toBeLessThan(0.02)
  expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(0.05)
})

test('the tail beyond the ziggurat’s last layer is filled rightly', () => {
  const values = draw(2_000_000, 2)
  const beyond = values.filter((x) => Math.abs(x) > 3.442619855899).length / values.length
  // P(|x| > 3.4426) = 5.76e-4; the standard error is 1.7e-5.
  expect(Math.abs(beyond - 5.76e-4)).toBeLessThan(8e-5)
})

test('the distribution function agrees at several points', () => {
  const values = draw(1_000_000, 3)
  const below = (x: number) => values.filter((value) => value < x).length / values.length
  for (const [x, phi] of [
    [-2, 0.02275],
    [-1, 0.158655],
    [0, 0.5],
    [0.5, 0.691462],
    [1.5, 0.933193],
  ]) {
    expect(Math.abs(below(x) - phi)).toBeLessThan(0.003)
  }
})

test('the same key gives the same stream, another key another one', () => {
  expect([...draw(5, 1, 2, 3)]).toEqual([...draw(5, 1, 2, 3)])
  const a = draw(100_000, 1, 2, 3)
  for (const key of [
    [1, 2, 4],
    [1, 3, 2],
    [2, 2, 3],
    [1, 2],
    [3, 2, 1],
  ]) {
    const b = draw(100_000, ...key)
    const correlation = a.reduce((sum, x, i) => sum + x * b[i], 0) / a.length
    expect(Math.abs(correlation)).toBeLessThan(0.015)
  }
})

test('known numbers: the generator must never change, or saved experiments would', () => {
  const random = new Random(1, 1, 0, 1, 0)
  expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
    [
      314711267,
      3057281442,
      3326399049,
    ]
  `)
})

test('permutations hold every number once', () => {
  expect([...new Random(4).permutation(100)].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  )
})
