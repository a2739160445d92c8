import { expect, test } from 'vitest'
import { fromHalfBits, halfBits } from '../../../shared/numerics/float16'

test('known halves', () => {
  const known: [number, number][] = [
    [0, 0x0000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [3 * 2 ** -25, 0x0002],
    [1 / 3, 0x3555],
    [Infinity, 0x7c00],
  ]
  for (const [value, bits] of known) expect([value, halfBits(value)]).toEqual([value, bits])
  expect(halfBits(-0)).toBe(0x8000)
  expect(fromHalfBits(halfBits(NaN))).toBeNaN()
})

test('every half comes back as it was', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromHalfBits(bits)
    if (!Number.isNaN(value)) expect(halfBits(value)).toBe(bits)
  }
})

test('what lies between two halves goes to the nearest, ties to the even one', () => {
  for (let bits = 0x0000; bits < 0x7bff; bits += 37) {
    const [low, high] = [fromHalfBits(bits), fromHalfBits(bits + 1)]
    const step = high - low
    expect(halfBits(low + step * 0.4)).toBe(bits)
    expect(halfBits(low + step * 0.6)).toBe(bits + 1)
    expect(halfBits(low + step / 2)).toBe(bits % 2 === 0 ? bits : bits + 1)
  }
})
