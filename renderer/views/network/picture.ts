import { positions, type Shape } from '../../../shared/numerics/shape'
import type { NetworkOutline, Part } from '../../state/network-outline'

/** A part as stacked plates: as many as it has blocks, as wide as channels are many, as high as the grid. */
export interface DrawnPart {
  part: Part | null
  /** Left edge and width of the whole stack. */
  x: number
  width: number
  plates: { x: number; y: number; width: number; height: number }[]
  /** Middle of what is written below it. */
  middle: number
}

export interface DrawnEdge {
  x1: number
  x2: number
  shape: Shape
}

export interface NetworkDrawing {
  width: number
  /** From the middle of a part to that of the next, at least. */
  cell: number
  parts: DrawnPart[]
  edges: DrawnEdge[]
}

export const MIDDLE = 104
export const HEIGHT = 212
const MOST_PLATES = 6
const PLATE_STEP = 9
const CELL = 84
const GAP = { least: 56, most: 130 }
const MARGIN = 8

const plateWidth = (units: number) => Math.min(44, 6 + 4 * Math.log2(1 + units))
const plateHeight = (shape: Shape) =>
  positions(shape) === 1 ? 62 : Math.min(120, 20 + 13.5 * Math.sqrt(Math.max(shape.rows, shape.columns)))

/** From left to right: the input, the parts, the classes. @param room width that there is */
export function drawNetwork({ input, parts }: NetworkOutline, room: number): NetworkDrawing {
  const boxes = [{ part: null, shape: input, count: 1 }, ...parts.map((part) => boxOf(part))]
  const cells = boxes.map(({ shape, count }) => {
    const width = plateWidth(shape.units) + (count - 1) * PLATE_STEP
    return { width, cell: Math.max(CELL, width) }
  })
  const used = cells.reduce((sum, { cell }) => sum + cell, 2 * MARGIN)
  const gap = Math.min(GAP.most, Math.max(GAP.least, (room - used) / (boxes.length - 1)))
  const width = Math.max(room, used + gap * (boxes.length - 1))
  let at = MARGIN + Math.max(0, (width - used - gap * (boxes.length - 1)) / 2)
  const drawn = boxes.map(({ part, shape, count }, i): DrawnPart => {
    const { width, cell } = cells[i]
    const x = at + (cell - width) / 2
    at += cell + gap
    const [w, h] = [plateWidth(shape.units), plateHeight(shape)]
    const plates = Array.from({ length: count }, (_, j) => ({
      x: x + j * PLATE_STEP,
      y: MIDDLE - h / 2,
      width: w,
      height: h,
    }))
    return { part, x, width, plates, middle: x + width / 2 }
  })
  const edges = drawn.slice(1).map((next, i) => ({
    x1: drawn[i].x + drawn[i].width,
    x2: next.x,
    shape: boxes[i].shape,
  }))
  return { width, cell: CELL + gap, parts: drawn, edges }
}

const boxOf = (part: Part) => ({ part, shape: part.to, count: Math.min(MOST_PLATES, part.blocks) })
