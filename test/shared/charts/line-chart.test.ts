import { describe, expect, test } from 'vitest'
import { keepRoundTicks } from '../../../shared/charts/line-chart'

/** What Chart.js offers on a logarithmic axis: 1 to 9 of every power of ten, and the range's own ends. */
function offered(min: number, max: number): number[] {
  const values = [min, max]
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++)
    for (let digit = 1; digit <= 9; digit++) values.push(digit * 10 ** power)
  return [...new Set(values)].filter((value) => value >= min && value <= max).sort((a, b) => a - b)
}

function kept(min: number, max: number): number[] {
  const scale = { ticks: offered(min, max).map((value) => ({ value })) }
  keepRoundTicks(scale)
  return scale.ticks.map(({ value }) => Number(value.toPrecision(6)))
}

describe('ticks of a logarithmic axis', () => {
  test('an end of the range that is no round number is not marked', () => {
    expect(kept(0.447219, 80)).toEqual([0.5, 1, 2, 5, 10, 20, 50])
  })

  test('a short range keeps all of its digits, a long one the powers alone, a very long one some of them', () => {
    expect(kept(2, 9)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    expect(kept(1e-3, 1e3)).toEqual([1e-3, 1e-2, 0.1, 1, 10, 100, 1000])
    const far = kept(1e-12, 1e12)
    expect(far.length).toBeLessThanOrEqual(9)
    expect(far.every((value) => Math.abs(Math.log10(value) % 1) < 1e-9)).toBe(true)
  })
})
