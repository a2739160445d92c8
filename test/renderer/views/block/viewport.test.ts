import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  boundsOf,
  centred,
  fitted,
  fittedReadably,
  pointAt,
  revealing,
  zoomed,
  ZOOM,
  type Box,
  type Viewport,
} from '../../../../renderer/views/block/viewport'

const CANVAS = { width: 800, height: 400 }
const SHORT: Box = { x: -10, y: -50, width: 500, height: 200 }
const LONG: Box = { x: -10, y: -50, width: 6000, height: 200 }
const START: Viewport = { x: 0, y: 0, zoom: 1 }

/** Where a point of the block is drawn. */
const drawn = ({ x, y, zoom }: Viewport, at: readonly [number, number]) => [
  x + at[0] * zoom,
  y + at[1] * zoom,
]
const middle = ({ x, y, width, height }: Box) => [x + width / 2, y + height / 2] as const

describe('The viewport of the canvas', () => {
  test('bounds hold every node, whose position is the middle of its left side, and the wires below', () => {
    const positions = new Map<string, [number, number]>([
      ['a', [0, 0]],
      ['b', [100, 80]],
    ])
    const sizes: Record<string, { width: number; height: number }> = {
      a: { width: 34, height: 34 },
      b: { width: 60, height: 46 },
    }
    expect(boundsOf(positions, (id) => sizes[id])).toEqual({ x: -12, y: -43, width: 184, height: 180 })
  })

  test('a fitted block is in the middle, whole, and not larger than is comfortable', () => {
    const viewport = fitted(SHORT, CANVAS)
    expect(viewport.zoom).toBe(ZOOM.comfortable)
    expect(drawn(viewport, middle(SHORT))).toEqual([400, 200])

    const long = fitted(LONG, CANVAS)
    expect(long.zoom).toBeLessThan(ZOOM.readable)
    expect(drawn(long, [LONG.x, LONG.y])[0]).toBeGreaterThanOrEqual(0)
    expect(drawn(long, [LONG.x + LONG.width, LONG.y])[0]).toBeLessThanOrEqual(CANVAS.width)
  })

  test('of a block that could not be read when seen whole, the beginning is shown', () => {
    expect(fittedReadably(SHORT, CANVAS)).toEqual(fitted(SHORT, CANVAS))
    const long = fittedReadably(LONG, CANVAS)
    expect(long.zoom).toBe(ZOOM.readable)
    const [left, height] = drawn(long, [LONG.x, middle(LONG)[1]])
    expect(left).toBeCloseTo(16)
    expect(height).toBeCloseTo(CANVAS.height / 2)
  })

  test('zooming keeps what is in the middle, and ends at the least and the largest zoom', () => {
    const viewport = { x: 30, y: -20, zoom: 0.5 }
    const larger = zoomed(viewport, CANVAS, 2)
    expect(larger.zoom).toBe(1)
    const [x, y] = pointAt(viewport, 400, 200)
    expect(drawn(larger, [x, y])).toEqual([400, 200])
    expect(zoomed(viewport, CANVAS, 100).zoom).toBe(ZOOM.max)
    expect(zoomed(viewport, CANVAS, 0.01).zoom).toBe(ZOOM.min)
  })

  test('a node in view moves nothing; another is moved just into view', () => {
    const node = { width: 60, height: 46 }
    expect(revealing(START, CANVAS, [100, 100], node)).toBe(START)
    expect(revealing(START, CANVAS, [1000, 500], node)).toEqual({ x: -290, y: -130, zoom: 1 })
    expect(revealing(START, CANVAS, [-500, -100], node)).toEqual({ x: 530, y: 130, zoom: 1 })
  })

  test('a point of the canvas and the point of the block that is drawn there belong together', () => {
    const coordinate = fc.double({ min: -1e4, max: 1e4, noNaN: true })
    const zoom = fc.double({ min: ZOOM.min, max: ZOOM.max, noNaN: true })
    fc.assert(
      fc.property(coordinate, coordinate, zoom, coordinate, coordinate, (x, y, z, px, py) => {
        const viewport = { x, y, zoom: z }
        const back = drawn(viewport, pointAt(viewport, px, py))
        expect(back[0]).toBeCloseTo(px, 6)
        expect(back[1]).toBeCloseTo(py, 6)
        expect(drawn(centred(viewport, CANVAS, [px, py]), [px, py])[0]).toBeCloseTo(400, 6)
      }),
    )
  })
})
