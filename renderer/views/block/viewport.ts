import { getViewportForBounds, type Viewport } from '@xyflow/svelte'
import type { Position } from '../../../shared/block/draft'
import type { Size } from './arrange'

/** A viewport draws a point of the block at `zoom` times itself plus (x, y), in pixels of the canvas. */
export type { Viewport }

/** A part of the block, in its own units. */
export interface Box extends Size {
  x: number
  y: number
}

/** How small and large the block is drawn; `comfortable` at most by itself, `readable` where its words can be read. */
export const ZOOM = { min: 0.08, max: 1.6, comfortable: 1.3, readable: 0.6 }
/** Share of the canvas that stays free at its edges where all is in view. */
const MARGIN = 0.04
/** Pixels between the canvas's edge and a node that is brought into view. */
const ROOM = 30
/** Pixels left of the beginning of a block that is too long to be seen whole. */
const LEFT = 16

/** The box around all nodes; positions are the middles of their left sides. */
export function boundsOf(positions: ReadonlyMap<string, Position>, sizeOf: (id: string) => Size): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [id, [x, y]] of positions) {
    const size = sizeOf(id)
    left = Math.min(left, x)
    right = Math.max(right, x + size.width)
    top = Math.min(top, y - size.height / 2)
    bottom = Math.max(bottom, y + size.height / 2)
  }
  // Wires run a little below the lowest operation.
  return { x: left - 12, y: top - 26, width: right - left + 24, height: bottom - top + 60 }
}

/** All of `bounds` in the middle of the canvas, as large as it goes and is comfortable. */
export const fitted = (bounds: Box, { width, height }: Size): Viewport =>
  getViewportForBounds(bounds, width, height, ZOOM.min, ZOOM.comfortable, MARGIN)

/** All of `bounds`, or, where it could not be read, its beginning at a zoom at which it can. */
export function fittedReadably(bounds: Box, canvas: Size): Viewport {
  const whole = fitted(bounds, canvas)
  if (whole.zoom >= ZOOM.readable) return whole
  const zoom = ZOOM.readable
  return { zoom, x: LEFT - bounds.x * zoom, y: canvas.height / 2 - middleOf(bounds)[1] * zoom }
}

/** Larger or smaller around the middle of the canvas. */
export function zoomed(viewport: Viewport, canvas: Size, factor: number): Viewport {
  const zoom = within(viewport.zoom * factor, ZOOM.min, ZOOM.max)
  return centred({ ...viewport, zoom }, canvas, pointAt(viewport, canvas.width / 2, canvas.height / 2))
}

/** A point of the block in the middle of the canvas. */
export const centred = ({ zoom }: Viewport, canvas: Size, [x, y]: Position): Viewport => ({
  zoom,
  x: canvas.width / 2 - x * zoom,
  y: canvas.height / 2 - y * zoom,
})

/** Moved as little as brings a node into view; the viewport itself where it is there already. */
export function revealing(viewport: Viewport, canvas: Size, [x, y]: Position, node: Size): Viewport {
  const left = viewport.x + x * viewport.zoom
  const right = left + node.width * viewport.zoom
  const middle = viewport.y + y * viewport.zoom
  const dx = left < ROOM ? ROOM - left : Math.min(0, canvas.width - ROOM - right)
  const dy = middle < ROOM ? ROOM - middle : Math.min(0, canvas.height - ROOM - middle)
  return dx || dy ? { ...viewport, x: viewport.x + dx, y: viewport.y + dy } : viewport
}

/** The point of the block that is drawn at a point of the canvas. */
export const pointAt = (viewport: Viewport, x: number, y: number): [x: number, y: number] => [
  (x - viewport.x) / viewport.zoom,
  (y - viewport.y) / viewport.zoom,
]

const middleOf = ({ x, y, width, height }: Box): [number, number] => [x + width / 2, y + height / 2]

const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
