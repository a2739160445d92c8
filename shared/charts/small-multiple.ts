import { EDGE_MARKS, depthTicks, ticks, type Axis, type Range } from './axis'
import type { Plotted } from './curves'
import { drawMarker } from './marks'
import { mix, transparent, type Palette } from './palette'
import { line, polyline, type Place } from './stroke'

/** One ordering: its forward signal above, the gradient mirrored below, over one depth axis between them. */
export interface MultipleModel {
  forward: readonly Plotted[]
  backward: readonly Plotted[]
  forwardAxis: Axis
  backwardAxis: Axis
  /** The range of all multiples together, so that heights can be compared. */
  forwardRange: Range
  backwardRange: Range
  depth: number
  /** Blocks after which stages begin. */
  stages: readonly { block: number }[]
  bands: boolean
  theory: boolean
  hovered: number | null
  palette: Palette
}

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

const GUTTER = 34
const RIGHT = 12
const TOP = 5
const DEPTH_ROW = 15
const TICK_SPACING = 30
const DEPTH_SPACING = 40
const MARKER_SPACING = 34
const GLYPH_SPACING = 11

/** Where blocks lie; the pointer is read by it. */
export function depthAt(box: Pick<Box, 'x' | 'width'>, depth: number, x: number): number {
  const share = (x - box.x - GUTTER) / Math.max(1, box.width - GUTTER - RIGHT)
  return Math.round(Math.min(depth, Math.max(0, share * depth)))
}

export function drawMultiple(ctx: CanvasRenderingContext2D, box: Box, model: MultipleModel): void {
  const plot = { x: box.x + GUTTER, width: box.width - GUTTER - RIGHT }
  const half = Math.floor((box.height - TOP - DEPTH_ROW - TOP) / 2)
  if (plot.width < 20 || half < 20) return
  const above = { ...plot, y: box.y + TOP, height: half }
  const below = { ...plot, y: box.y + TOP + half + DEPTH_ROW, height: half }
  const { forward, backward, forwardAxis, backwardAxis, forwardRange, backwardRange } = model
  ctx.save()
  drawHalf(ctx, above, model, forward, forwardAxis, forwardRange, false)
  drawDepth(ctx, above, model)
  drawHalf(ctx, below, model, backward, backwardAxis, backwardRange, true)
  ctx.restore()
}

const atBlock = (box: Box, depth: number, k: number) => box.x + (box.width * k) / Math.max(1, depth)

/** Blocks in the middle, where both halves read them. */
function drawDepth(ctx: CanvasRenderingContext2D, above: Box, { depth, palette, hovered }: MultipleModel) {
  const y = above.y + above.height + DEPTH_ROW / 2 + 0.5
  ctx.font = palette.type.font('tiny')
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'center'
  ctx.fillStyle = palette.muted
  const shown = depthTicks({ min: 0, max: depth }, Math.max(1, above.width / DEPTH_SPACING))
  if (hovered === null)
    shown.forEach(({ value, label }) => ctx.fillText(label, atBlock(above, depth, value), y))
  else if (hovered <= depth) {
    ctx.fillStyle = palette.ink
    ctx.fillText(String(hovered), atBlock(above, depth, hovered), y)
  }
}

function drawHalf(
  ctx: CanvasRenderingContext2D,
  box: Box,
  model: MultipleModel,
  plotted: readonly Plotted[],
  axis: Axis,
  range: Range,
  reversed: boolean,
) {
  const { palette, depth, bands, theory, hovered } = model
  const px = (k: number) => atBlock(box, depth, k)
  const py = (placed: number) => {
    const share = (placed - range.min) / (range.max - range.min)
    return reversed ? box.y + share * box.height : box.y + box.height - share * box.height
  }
  ctx.lineWidth = 1
  ctx.font = palette.type.font('tiny')
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'right'
  for (const tick of ticks(range, axis, Math.max(2, box.height / TICK_SPACING))) {
    const y = Math.round(py(tick.value)) + 0.5
    ctx.strokeStyle = palette.grid
    line(ctx, [box.x, y], [box.x + box.width, y])
    ctx.fillStyle = palette.muted
    ctx.fillText(tick.label, box.x - 5, y)
  }
  const base = (reversed ? box.y : box.y + box.height) + 0.5
  ctx.strokeStyle = palette.axis
  line(ctx, [box.x, base], [box.x + box.width, base])
  if (hovered !== null && hovered <= depth) line(ctx, [px(hovered), box.y], [px(hovered), box.y + box.height])

  ctx.strokeStyle = palette.axis
  for (const { block } of model.stages)
    if (block) line(ctx, [px(block + 0.5), box.y], [px(block + 0.5), box.y + box.height])

  ctx.save()
  ctx.beginPath()
  ctx.rect(box.x - 6, box.y - 4, box.width + 12, box.height + 8)
  ctx.clip()
  const visible = plotted.filter(({ curve }) => !curve.hidden)
  const own = visible.filter(({ curve }) => !curve.thin)
  if (bands) for (const { curve, low, high } of own) drawBand(ctx, low, high, curve.appearance.colour, px, py)
  for (const { curve, line: points, theory: expected } of visible) {
    ctx.strokeStyle = curve.appearance.colour
    ctx.lineWidth = curve.thin ? 1 : 1.7
    polyline(ctx, points, px, py)
    if (!theory || curve.thin) continue
    ctx.strokeStyle = mix(curve.appearance.colour, palette.ink, 0.55)
    ctx.lineWidth = 1
    ctx.setLineDash([4, 3])
    polyline(ctx, expected, px, py)
    ctx.setLineDash([])
  }
  own.forEach((one, i) =>
    drawMarkers(ctx, one, i, own.length, box.width / Math.max(1, depth), px, py, palette),
  )
  ctx.restore()
  drawEdges(ctx, visible, box, reversed, px, palette)
}

type Points = readonly { x: number; y: number }[]

function drawBand(
  ctx: CanvasRenderingContext2D,
  low: Points,
  high: Points,
  colour: string,
  px: Place,
  py: Place,
) {
  const usable = low
    .map((point, i) => [point, high[i]] as const)
    .filter(([a, b]) => b && !Number.isNaN(a.y + b.y))
  ctx.beginPath()
  usable.forEach(([, b], i) => (i ? ctx.lineTo(px(b.x), py(b.y)) : ctx.moveTo(px(b.x), py(b.y))))
  usable.reverse().forEach(([a]) => ctx.lineTo(px(a.x), py(a.y)))
  ctx.fillStyle = transparent(colour, 0.13)
  ctx.fill()
}

/** At other blocks for each curve, so that curves that lie on each other all show theirs. */
function drawMarkers(
  ctx: CanvasRenderingContext2D,
  { curve, line: points }: Plotted,
  index: number,
  count: number,
  perBlock: number,
  px: Place,
  py: Place,
  palette: Palette,
) {
  const stride = Math.max(1, Math.ceil(MARKER_SPACING / perBlock))
  for (let k = Math.floor((index * stride) / Math.max(1, count)); k < points.length; k += stride) {
    const { x, y } = points[k]
    if (!Number.isNaN(y)) drawMarker(ctx, curve.appearance, px(x), py(y), palette)
  }
}

/** Values without a place: glyphs at the edge, a row for each curve. */
function drawEdges(
  ctx: CanvasRenderingContext2D,
  visible: readonly Plotted[],
  box: Box,
  reversed: boolean,
  px: Place,
  palette: Palette,
) {
  ctx.font = palette.type.font('tiny')
  ctx.textAlign = 'center'
  const rows = { high: 0, low: 0 }
  for (const { curve, edges } of visible) {
    for (const end of ['high', 'low'] as const) {
      const runs = edges.filter(({ edge }) => EDGE_MARKS[edge].high === (end === 'high'))
      if (!runs.length) continue
      const inset = 6 + 10 * rows[end]++
      const y = (end === 'high') !== reversed ? box.y + inset : box.y + box.height - inset
      ctx.fillStyle = curve.appearance.colour
      let next = -Infinity
      for (const { edge, from, to } of runs)
        for (let x = Math.max(px(from), next); x <= px(to) + 0.5; x += GLYPH_SPACING) {
          ctx.fillText(EDGE_MARKS[edge].glyph, x, y)
          next = x + GLYPH_SPACING
        }
    }
  }
}
