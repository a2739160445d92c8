import { describe, expect, test } from 'vitest'
import { blockOfCopy, copiesOnPath } from '../../../../shared/paths/links'
import {
  copyWire,
  pathWire,
  rowOfSum,
  tintOf,
  unravelledLayout,
} from '../../../../shared/paths/unravelled-layout'

const SIZES = [
  [560, 280],
  [1040, 520],
] as const

/** The corners of a wire, in order. */
function pointsOf(wire: string): { x: number; y: number }[] {
  let [x, y] = [0, 0]
  return [...wire.matchAll(/([MHVQ])([^MHVQ]*)/g)].map(([, command, text]) => {
    const numbers = text.trim().split(/\s+/).map(Number)
    if (command === 'H') x = numbers[0]
    else if (command === 'V') y = numbers[0]
    else [x, y] = numbers.slice(-2)
    return { x, y }
  })
}

describe.each(SIZES)('the unravelled network in %i × %i pixels', (width, height) => {
  test.each([2, 3, 4, 5, 6])('%i blocks: everything inside, nothing over anything else', (blocks) => {
    const layout = unravelledLayout(blocks, width, height)
    for (let path = 0; path < 2 ** blocks; path++) {
      expect(layout.row(path)).toBeGreaterThan(0)
      expect(layout.row(path) + layout.boxHeight / 2).toBeLessThanOrEqual(height)
    }
    expect(layout.boxHeight).toBeLessThanOrEqual(layout.rowHeight)
    expect(2 * layout.radius).toBeLessThanOrEqual(2 * layout.rowHeight)
    for (let block = 1; block <= blocks; block++) {
      const right = layout.box(block) + layout.boxWidth / 2
      expect(right).toBeLessThan(layout.sum(block))
      const left = block > 1 ? layout.sum(block - 1) : layout.start
      expect(layout.box(block) - layout.boxWidth / 2).toBeGreaterThan(left)
    }
    expect(layout.sum(blocks)).toBeLessThan(layout.end)
  })

  test.each([2, 4, 6])('%i blocks: a path goes from x to y through its copies and never back', (blocks) => {
    const layout = unravelledLayout(blocks, width, height)
    for (let path = 0; path < 2 ** blocks; path++) {
      const points = pointsOf(pathWire(path, layout))
      expect(points[0]).toEqual({ x: layout.start, y: layout.row(0) })
      expect(points.at(-1)).toEqual({ x: layout.end, y: layout.row(0) })
      points.slice(1).forEach(({ x }, i) => expect(x).toBeGreaterThanOrEqual(points[i].x))
      // Through each box: a horizontal stretch of the wire in its row, across its column.
      for (const copy of copiesOnPath(path)) {
        const middle = layout.box(blockOfCopy(copy))
        const crosses = points.some(
          ({ x, y }, i) => i > 0 && y === layout.row(copy) && points[i - 1].x < middle && x > middle,
        )
        expect(crosses).toBe(true)
      }
    }
  })

  test('a copy’s wire ends at its sum, in the row of the path without its first block', () => {
    const layout = unravelledLayout(4, width, height)
    for (let copy = 1; copy < 16; copy++) {
      const end = pointsOf(copyWire(copy, layout)).at(-1)!
      expect(end).toEqual({ x: layout.sum(blockOfCopy(copy)), y: layout.row(rowOfSum(copy)) })
      expect(copiesOnPath(rowOfSum(copy))).toEqual(copiesOnPath(copy).slice(1))
    }
  })
})

test('later blocks have a stronger tint', () => {
  const tints = [1, 2, 3, 4, 5, 6].map(tintOf)
  expect(tints).toEqual([...tints].sort((a, b) => a - b))
  expect(tints[5]).toBeLessThan(0.5)
})
