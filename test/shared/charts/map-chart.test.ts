import { expect, test } from 'vitest'
import { cellAt, mapColour, scaleOf, scaleText, type MapModel } from '../../../shared/charts/map-chart'
import { LIGHT_COLOURS } from '../../../shared/charts/palette'

const ratio = { isDiverging: true, isLog: true, label: 'q' }

test('a diverging scale lies evenly around what stays, and never calls noise growth', () => {
  expect(scaleOf([2, -0.5, NaN], ratio)).toMatchObject({ min: -2, max: 2 })
  expect(scaleOf([0.001], ratio)).toMatchObject({ min: -0.1, max: 0.1 })
  expect(scaleOf([], ratio)).toMatchObject({ min: -1, max: 1 })
  expect(scaleOf([3, 5], { ...ratio, isDiverging: false })).toMatchObject({ min: 3, max: 5 })
  const scale = scaleOf([2], ratio)
  expect(mapColour(0, scale, LIGHT_COLOURS)).toBe(LIGHT_COLOURS.middle)
  expect([mapColour(2, scale, LIGHT_COLOURS), mapColour(-9, scale, LIGHT_COLOURS)]).toEqual([
    '#d55e00',
    '#0072b2',
  ])
})

test('numbers of a scale are powers of ten, and plain where they are small', () => {
  const scale = scaleOf([2], ratio)
  expect([0, 1, -1, 0.30103, 6, -13].map((value) => scaleText(value, scale))).toEqual([
    ...['1', '10', '0.1', '2', '10⁶', '10⁻¹³'],
  ])
  expect(scaleText(0.125, { ...scale, isLog: false })).toBe('0.125')
})

test('the pointer reads the cell that is drawn there, rows from the bottom up', () => {
  const model = { columns: ['1', '2'], rows: ['a', 'b', 'c'] } as unknown as MapModel
  const size = { width: 252, height: 174 }
  expect(cellAt(model, size, { x: 50, y: 135 })).toEqual({ column: 0, row: 0 })
  expect(cellAt(model, size, { x: 240, y: 25 })).toEqual({ column: 1, row: 2 })
  expect(cellAt(model, size, { x: 10, y: 50 })).toBeNull()
  expect(cellAt(model, size, { x: 100, y: 170 })).toBeNull()
})
