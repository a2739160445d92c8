import { superscript } from '../base/format'
import { mix, type Colours, type Palette } from './palette'

/** Why a cell has no colour of its own. */
export type MapEdge = 'overflow' | 'vanished' | 'nan' | 'failed' | 'running'

/** What a map shows at one pair of values. */
export interface MapCell {
  /** Of colour; for ratios the logarithm to base ten. NaN where an edge says why there is none. */
  value: number
  edge: MapEdge | null
}

/** Values against two settings, as colours. */
export interface MapModel {
  title: string
  xLabel: string
  yLabel: string
  /** As people read them, in the order of the columns and, from the bottom up, of the rows. */
  columns: readonly string[]
  rows: readonly string[]
  /** [row][column]; null: nothing is known there (yet). */
  cells: readonly (readonly (MapCell | null)[])[]
  scale: MapScale
  palette: Palette
}

/** From colours to numbers. */
export interface MapScale {
  /** Values at the ends; diverging ones lie evenly around 0, where nothing changes. */
  min: number
  max: number
  isDiverging: boolean
  /** What the colours are of: "q_L / q_0". */
  label: string
  /** Whether values are logarithms to base ten. */
  isLog: boolean
  /** What the middle of diverging colours says; "stays" where it is left out. */
  middle?: string
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

const LEFT = 46
const TOP = 20
const BOTTOM = 34
const RIGHT = 6
const LEAST_LABEL = 26
/** A cell that is smaller has no room for its number. */
const LEAST_TEXT = { width: 30, height: 14 }

export const EDGE_WORDS: Readonly<Record<MapEdge, { glyph: string; words: string }>> = {
  overflow: { glyph: '∞', words: 'overflowed' },
  vanished: { glyph: '0', words: 'vanished' },
  nan: { glyph: '×', words: 'not a number' },
  failed: { glyph: '!', words: 'no result' },
  running: { glyph: '…', words: 'under way' },
}

/** The colour of a value, which is within the scale or beyond one of its ends. */
export function mapColour(value: number, { min, max, isDiverging }: MapScale, palette: Colours): string {
  if (isDiverging) {
    const share = Math.max(-1, Math.min(1, value / Math.max(max, -min, 1e-12)))
    return mix(palette.middle, share < 0 ? palette.low : palette.high, Math.abs(share))
  }
  const share = max > min ? Math.max(0, Math.min(1, (value - min) / (max - min))) : 0.5
  return mix(palette.middle, palette.low, share)
}

/** A scale that holds all values; diverging ones reach as far on either side. */
export function scaleOf(
  values: readonly number[],
  look: Pick<MapScale, 'isDiverging' | 'isLog' | 'label' | 'middle'>,
): MapScale {
  const finite = values.filter(Number.isFinite)
  const least = Math.min(...finite)
  const most = Math.max(...finite)
  if (!finite.length) return { min: look.isDiverging ? -1 : 0, max: 1, ...look }
  if (!look.isDiverging) return { min: least, max: most, ...look }
  // So that noise around "stays" does not look like growth.
  const reach = Math.max(0.1, Math.abs(least), Math.abs(most))
  return { min: -reach, max: reach, ...look }
}

const plotOf = ({ x, y, width, height }: Box): Box => ({
  x: x + LEFT,
  y: y + TOP,
  width: width - LEFT - RIGHT,
  height: height - TOP - BOTTOM,
})

/** The cell at a place within a map of this size; null: beside the map. */
export function cellAt(
  { columns, rows }: MapModel,
  size: { width: number; height: number },
  at: { x: number; y: number },
): { column: number; row: number } | null {
  const plot = plotOf({ x: 0, y: 0, ...size })
  const column = Math.floor(((at.x - plot.x) / plot.width) * columns.length)
  const row = rows.length - 1 - Math.floor(((at.y - plot.y) / plot.height) * rows.length)
  const isInside = column >= 0 && column < columns.length && row >= 0 && row < rows.length
  return isInside ? { column, row } : null
}

/** @param marked the cell that is chosen, and the one that is pointed at */
export function drawMap(
  ctx: CanvasRenderingContext2D,
  box: Box,
  model: MapModel,
  marked: { chosen?: Place | null; hovered?: Place | null } = {},
): void {
  const plot = plotOf(box)
  if (plot.width < 20 || plot.height < 20) return
  const { palette, columns, rows, cells } = model
  const cell = { width: plot.width / columns.length, height: plot.height / rows.length }
  const corner = ({ column, row }: Place) => ({
    x: plot.x + column * cell.width,
    y: plot.y + (rows.length - 1 - row) * cell.height,
  })
  ctx.save()
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ctx.font = palette.type.font('note', 'strong')
  ctx.fillStyle = palette.ink
  ctx.fillText(model.title, plot.x, box.y + TOP / 2 - 1)
  cells.forEach((line, row) =>
    line.forEach((one, column) => drawCell(ctx, { ...corner({ column, row }), ...cell }, one, model)),
  )
  ctx.strokeStyle = palette.axis
  ctx.lineWidth = 1
  ctx.strokeRect(plot.x + 0.5, plot.y + 0.5, plot.width - 1, plot.height - 1)
  drawLabels(ctx, plot, cell, model)
  for (const [place, width] of [
    [marked.hovered, 1],
    [marked.chosen, 2.5],
  ] as const) {
    if (!place) continue
    const { x, y } = corner(place)
    ctx.strokeStyle = palette.ink
    ctx.lineWidth = width
    ctx.strokeRect(x + 1, y + 1, cell.width - 2, cell.height - 2)
  }
  ctx.restore()
}

interface Place {
  column: number
  row: number
}

function drawCell(
  ctx: CanvasRenderingContext2D,
  { x, y, width, height }: Box,
  cell: MapCell | null,
  { scale, palette }: MapModel,
): void {
  if (!cell) return
  if (!cell.edge) {
    ctx.fillStyle = mapColour(cell.value, scale, palette)
    ctx.fillRect(x, y, width + 0.5, height + 0.5)
    if (width < LEAST_TEXT.width || height < LEAST_TEXT.height) return
    // Dark or light, whichever is read on the colour.
    ctx.fillStyle = lightness(ctx.fillStyle) > 0.45 ? '#111111' : '#ffffff'
    ctx.font = palette.type.font('tiny')
    ctx.textAlign = 'center'
    ctx.fillText(scaleText(cell.value, scale), x + width / 2, y + height / 2)
    return
  }
  if (cell.edge !== 'running') hatch(ctx, { x, y, width, height }, palette)
  ctx.fillStyle = palette.ink
  ctx.font = palette.type.font('note', 'strong')
  ctx.textAlign = 'center'
  if (width > 8 && height > 10) ctx.fillText(EDGE_WORDS[cell.edge].glyph, x + width / 2, y + height / 2)
}

/** From 0 to 1, of #rrggbb: Rec. 709's weights. */
function lightness(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Lines from corner to corner: no colour of the scale means this. */
function hatch(ctx: CanvasRenderingContext2D, { x, y, width, height }: Box, palette: Palette) {
  ctx.save()
  ctx.beginPath()
  ctx.rect(x, y, width, height)
  ctx.clip()
  ctx.fillStyle = palette.surface
  ctx.fillRect(x, y, width, height)
  ctx.strokeStyle = palette.axis
  ctx.lineWidth = 1
  ctx.beginPath()
  for (let at = -height; at < width; at += 6) {
    ctx.moveTo(x + at, y + height)
    ctx.lineTo(x + at + height, y)
  }
  ctx.stroke()
  ctx.restore()
}

function drawLabels(
  ctx: CanvasRenderingContext2D,
  plot: Box,
  cell: { width: number; height: number },
  { columns, rows, xLabel, yLabel, palette }: MapModel,
): void {
  ctx.font = palette.type.font('tiny')
  ctx.fillStyle = palette.muted
  const widest = Math.max(...columns.map((text) => ctx.measureText(text).width)) + 6
  const everyColumn = Math.ceil(Math.max(widest, LEAST_LABEL) / cell.width)
  ctx.textAlign = 'center'
  columns.forEach((text, i) => {
    if (i % everyColumn === 0) ctx.fillText(text, plot.x + (i + 0.5) * cell.width, plot.y + plot.height + 9)
  })
  ctx.fillText(xLabel, plot.x + plot.width / 2, plot.y + plot.height + 25)
  const everyRow = Math.ceil(14 / cell.height)
  ctx.textAlign = 'right'
  rows.forEach((text, i) => {
    if (i % everyRow === 0) ctx.fillText(text, plot.x - 5, plot.y + (rows.length - 0.5 - i) * cell.height)
  })
  ctx.save()
  ctx.translate(plot.x - LEFT + 7, plot.y + plot.height / 2)
  ctx.rotate(-Math.PI / 2)
  ctx.textAlign = 'center'
  ctx.fillText(yLabel, 0, 0)
  ctx.restore()
}

/** A number of the scale as people read it: 1,000, 10⁶, 0.25. */
export function scaleText(value: number, { isLog }: MapScale): string {
  if (!isLog) return String(Number(value.toPrecision(3))).replace('-', '−')
  if (Math.abs(value) >= 3) return `10${superscript(Math.round(value))}`
  return String(Number((10 ** value).toPrecision(2)))
}

const LEGEND_BAR = 10
/** Half of the number at an end of the scale stands beyond it. */
const SCALE_END = 8
/** A narrower scale has no room for the word in its middle. */
const LEAST_NAMED = 110

/** The colours with numbers below. @param isStacked whether the label stands above them and not before them */
export function drawScale(
  ctx: CanvasRenderingContext2D,
  { x, y: top, width }: Box,
  scale: MapScale,
  palette: Palette,
  isStacked = false,
): void {
  ctx.save()
  ctx.textBaseline = 'middle'
  ctx.font = palette.type.font('small')
  ctx.fillStyle = palette.ink
  ctx.textAlign = 'left'
  const label = isStacked ? scale.label : `${scale.label}:`
  ctx.fillText(label, x, top + LEGEND_BAR / 2 + 1)
  const y = isStacked ? top + 15 : top
  const from = isStacked ? x + SCALE_END : x + ctx.measureText(label).width + 22
  const room = Math.max(60, Math.min(320, width - (from - x) - (isStacked ? SCALE_END : 30)))
  for (let i = 0; i < room; i++) {
    ctx.fillStyle = mapColour(scale.min + ((scale.max - scale.min) * i) / (room - 1), scale, palette)
    ctx.fillRect(from + i, y, 1.5, LEGEND_BAR)
  }
  ctx.strokeStyle = palette.axis
  ctx.strokeRect(from + 0.5, y + 0.5, room - 1, LEGEND_BAR - 1)
  const middle = (scale.min + scale.max) / 2
  const ends = [scale.min, middle, scale.max]
  ctx.fillStyle = palette.muted
  ctx.textAlign = 'center'
  ends.forEach((value, i) => {
    const number = scaleText(value, scale)
    const isNamed = scale.isDiverging && i === 1 && room >= LEAST_NAMED
    const words = isNamed ? `${number}: ${scale.middle ?? 'stays'}` : number
    ctx.fillText(words, from + (room * i) / 2, y + LEGEND_BAR + 10)
  })
  ctx.restore()
}

export const SCALE_HEIGHT = 30

// ---- Several maps ---------------------------------------------------------------------------------------------------

const GAP = 14
const LEAST_WIDTH = 140
/** Height of the colours for their width. */
const RATIO = 0.85
/** With its label on a line of its own. */
const STACKED_SCALE_HEIGHT = 46

/** As many in a row as have room; the others below. */
function gridOf(count: number, width: number) {
  const columns = Math.max(1, Math.min(count, Math.floor((width + GAP) / (LEAST_WIDTH + GAP))))
  const each = (width - GAP * (columns - 1)) / columns
  const map = TOP + BOTTOM + RATIO * (each - LEFT - RIGHT)
  return { columns, each, map, row: map + STACKED_SCALE_HEIGHT }
}

/** What so many maps over their scales need. */
export function heightOfMaps(count: number, width: number): number {
  const { columns, row } = gridOf(count, width)
  return Math.ceil(count / columns) * row
}

/** Maps beside each other, each over its scale. @param at from where they go to the right and down */
export function drawMaps(
  ctx: CanvasRenderingContext2D,
  maps: readonly MapModel[],
  { x, y, width }: Omit<Box, 'height'>,
): void {
  const { columns, each, map, row } = gridOf(maps.length, width)
  maps.forEach((model, i) => {
    const left = x + (i % columns) * (each + GAP)
    const top = y + Math.floor(i / columns) * row
    drawMap(ctx, { x: left, y: top, width: each, height: map }, model)
    const scale = { x: left + LEFT, y: top + map + 4, width: each - LEFT, height: STACKED_SCALE_HEIGHT }
    drawScale(ctx, scale, model.scale, model.palette, true)
  })
}
