import { describe, expect, it } from 'vitest'
import {
  comfortable,
  depthTicks,
  edgeOf,
  extent,
  panned,
  place,
  ticks,
  valueAt,
  zoomed,
  type Axis,
} from '../../../shared/charts/axis'

const log2: Axis = { kind: 'log2', signed: false }
const log10: Axis = { kind: 'log10', signed: false }
const linear: Axis = { kind: 'linear', signed: false }
const signed: Axis = { kind: 'log10', signed: true }

describe('place', () => {
  it('takes logarithms', () => {
    expect(place(1024, log2)).toBe(10)
    expect(place(1e-3, log10)).toBeCloseTo(-3, 12)
    expect(place(-5, linear)).toBe(-5)
  })

  it('is undone by valueAt', () => {
    for (const axis of [log2, log10, linear, signed])
      expect(valueAt(place(0.37, axis), axis)).toBeCloseTo(0.37, 12)
    expect(valueAt(place(-42, signed), signed)).toBeCloseTo(-42, 10)
  })

  it('has no place for what an axis cannot show, and says why', () => {
    const cases = [
      [0, log2, 'zero'],
      [-1, log10, 'negative'],
      [NaN, linear, 'nan'],
      [Infinity, log2, 'infinite'],
      [-Infinity, linear, 'minus infinite'],
    ] as const
    for (const [value, axis, edge] of cases) {
      expect(place(value, axis)).toBeNaN()
      expect(edgeOf(value, axis)).toBe(edge)
    }
  })

  it('shows zero and both signs on a signed axis', () => {
    expect(place(0, signed)).toBe(0)
    expect(place(-3, signed)).toBe(-place(3, signed))
    expect(edgeOf(0, signed)).toBeNull()
  })
})

describe('ranges', () => {
  it('ignores values without a place and theory beyond float32', () => {
    expect(extent([0, NaN, 1, 8, Infinity, 2 ** 500], log2)).toEqual({ min: 0, max: 3 })
    expect(extent([0, NaN], log2)).toBeNull()
  })

  it('does not blow up noise around a constant', () => {
    const range = comfortable({ min: -0.01, max: 0.01 }, log2)
    expect(range.max - range.min).toBeGreaterThan(4)
  })

  it('zooms around the pointer, within the whole, and lets go at the whole', () => {
    const whole = { min: 0, max: 100 }
    expect(zoomed(whole, 50, 0.5, whole)).toEqual({ min: 25, max: 75 })
    expect(zoomed({ min: 0, max: 50 }, 0, 0.5, whole)).toEqual({ min: 0, max: 25 })
    expect(zoomed({ min: 25, max: 75 }, 50, 4, whole)).toBeNull()
    expect(panned({ min: 25, max: 75 }, 60, whole)).toEqual({ min: 50, max: 100 })
  })
})

describe('ticks', () => {
  it('are powers on logarithmic axes', () => {
    expect(ticks({ min: -1, max: 30 }, log2, 5).map(({ label }) => label)).toEqual([
      '1',
      '1024',
      '2²⁰',
      '2³⁰',
    ])
    expect(ticks({ min: -5, max: 6 }, log10, 6).map(({ label }) => label)).toEqual([
      '10⁻⁴',
      '0.01',
      '1',
      '100',
      '10⁴',
      '10⁶',
    ])
  })

  it('are round numbers on linear ones', () => {
    expect(ticks({ min: -0.5, max: 1 }, linear, 4).map(({ label }) => label)).toEqual([
      '−0.5',
      '0',
      '0.5',
      '1',
    ])
  })

  it('mirror around zero on signed ones', () => {
    const found = ticks({ min: -4, max: 4 }, signed, 5)
    expect(found.map(({ value }) => value).sort((a, b) => a - b)[0]).toBeLessThan(0)
    expect(found.some(({ label }) => label === '0')).toBe(true)
  })

  it('end for any range', () => {
    for (const range of [
      { min: NaN, max: NaN },
      { min: -Infinity, max: Infinity },
    ]) {
      expect(ticks(range, log2, 5)).toEqual([])
      expect(depthTicks(range, 5)).toEqual([])
    }
  })

  it('are whole blocks on the depth axis', () => {
    expect(depthTicks({ min: 0, max: 20 }, 10).map(({ value }) => value)).toEqual([
      0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20,
    ])
    expect(depthTicks({ min: 3.2, max: 6.7 }, 10).map(({ value }) => value)).toEqual([4, 5, 6])
  })
})
