import { describe, expect, it } from 'vitest'
import { covered, placed, spread } from '../../../shared/charts/label-places'

const inside = { from: 0, to: 100 }
const label = (top: number, height = 14) => ({ top, height })

describe('labels beside a chart', () => {
  it('are pushed apart, and back inside at the end', () => {
    const labels = [label(-5), label(40), label(44), label(95)]
    spread(labels, inside)
    expect(labels.map(({ top }) => top)).toEqual([0, 40, 54, 86])
  })
})

describe('labels in a chart', () => {
  it('stay where they want to be, where nothing is', () => {
    expect(placed([label(30)], () => [{ from: 0, to: 30 }], inside)).toEqual([label(30)])
  })

  it('go to the nearest place that covers neither lines nor each other', () => {
    const lines = [
      { from: 24, to: 32 },
      { from: 44, to: 52 },
    ]
    // Between the lines there is room for 12 pixels only.
    expect(placed([label(33)], () => lines, inside)).toEqual([label(52)])
    expect(placed([label(25)], () => lines, inside)).toEqual([label(10)])
    expect(placed([label(50), label(53)], () => lines, inside)).toEqual([label(52), label(66)])
  })

  it('are left out where there is no place', () => {
    expect(placed([label(30, 60)], () => [{ from: 45, to: 50 }], inside)).toEqual([])
    expect(placed([label(95)], () => [{ from: 0, to: 90 }], inside)).toEqual([])
    expect(placed([label(40)], () => [{ from: 30, to: 80 }], inside, 24)).toEqual([label(16)])
    expect(placed([label(40)], () => [{ from: 20, to: 80 }], inside, 30)).toEqual([])
  })
})

describe('what a line covers', () => {
  const line = [0, 10, 30, NaN, 5].map((y, x) => ({ x, y }))

  it('is read between its points, too', () => {
    expect(covered(line, 0.5, 1.5)).toEqual({ from: 5, to: 20 })
    expect(covered(line, 1.25, 1.75)).toEqual({ from: 15, to: 25 })
  })

  it('leaves out what has no place on the axis', () => {
    expect(covered(line, 2, 3.5)).toEqual({ from: 30, to: 30 })
    expect(covered(line, 2.5, 3.5)).toBeNull()
  })
})
