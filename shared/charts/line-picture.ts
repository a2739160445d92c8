import { formatNumber } from '../base/format'
import type { Palette } from './palette'
import { line, polyline } from './stroke'

/** One small picture: y(x) above dy/dx, on the x axis that all have in common. */
export interface Multiple {
  name: string
  colour: string
  x: readonly number[]
  y: readonly number[]
  slope: readonly number[]
  /** What stands for y and dy/dx. */
  labels: readonly [y: string, slope: string]
}

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

const GAP = 6
const LABEL = 13
const AXIS = 14

/** Where x lies in a picture of this width. */
export const placeOf = (x: number, line: readonly number[], { left, width }: Pick<Box, 'left' | 'width'>) =>
  left + 2 + ((width - 4) * (x - line[0])) / (line[line.length - 1] - line[0])

export function drawMultiple(ctx: CanvasRenderingContext2D, one: Multiple, box: Box, palette: Palette): void {
  const height = box.height - AXIS - GAP
  const upper = { ...box, height: Math.round(height * 0.42) }
  const lower = { ...box, top: box.top + upper.height + GAP, height: height - upper.height }
  drawTrace(ctx, one.x, one.y, { box: upper, label: one.labels[0], colour: one.colour, palette })
  drawTrace(ctx, one.x, one.slope, { box: lower, label: one.labels[1], colour: one.colour, palette })
  drawAxis(ctx, one.x, box, palette)
}

interface TraceStyle {
  box: Box
  label: string
  colour: string
  palette: Palette
}

function drawTrace(
  ctx: CanvasRenderingContext2D,
  x: readonly number[],
  values: readonly number[],
  { box, label, colour, palette }: TraceStyle,
): void {
  const finite = values.filter(Number.isFinite)
  const plot = { ...box, top: box.top + LABEL, height: box.height - LABEL }
  let [least, most] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [-1, 1]
  const range = finite.length ? `${formatNumber(least, 2)} to ${formatNumber(most, 2)}` : ''
  // What is constant but for rounding is a straight line in the middle.
  const size = Math.max(Math.abs(least), Math.abs(most)) || 1
  if (most - least < 1e-5 * size) [least, most] = [least - 0.5 * size, most + 0.5 * size]
  const at = (value: number) => plot.top + plot.height - ((value - least) / (most - least)) * plot.height

  ctx.save()
  ctx.font = palette.type.font('tiny')
  ctx.textBaseline = 'alphabetic'
  ctx.fillStyle = palette.muted
  ctx.textAlign = 'left'
  ctx.fillText(label, box.left + 2, box.top + 9)
  ctx.textAlign = 'right'
  ctx.fillText(range, box.left + box.width - 2, box.top + 9)
  ctx.lineWidth = 1
  ctx.strokeStyle = palette.grid
  ctx.strokeRect(plot.left + 0.5, Math.round(plot.top) + 0.5, plot.width - 1, Math.round(plot.height) - 1)
  const zero = Math.round(at(0)) + 0.5
  if (zero > plot.top && zero < plot.top + plot.height) {
    ctx.strokeStyle = palette.axis
    line(ctx, [plot.left + 1, zero], [plot.left + plot.width - 1, zero])
  }
  ctx.beginPath()
  ctx.rect(plot.left, plot.top - 1, plot.width, plot.height + 2)
  ctx.clip()
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.3
  ctx.lineJoin = 'round'
  const points = values.map((y, i) => ({ x: x[i], y }))
  polyline(ctx, points, (place) => placeOf(place, x, plot), at)
  if (finite.length < values.length) {
    ctx.fillStyle = palette.alarm
    ctx.textAlign = 'center'
    const words = finite.length
      ? `${values.length - finite.length} values not finite`
      : 'not finite in float32'
    ctx.fillText(words, plot.left + plot.width / 2, plot.top + plot.height / 2 + 3)
  }
  ctx.restore()
}

function drawAxis(ctx: CanvasRenderingContext2D, x: readonly number[], box: Box, palette: Palette): void {
  const [from, to] = [x[0], x[x.length - 1]]
  ctx.save()
  ctx.font = palette.type.font('tiny')
  ctx.fillStyle = palette.muted
  ctx.textBaseline = 'alphabetic'
  const y = box.top + box.height - 3
  ctx.textAlign = 'left'
  ctx.fillText(formatNumber(from, 2), box.left, y)
  ctx.textAlign = 'center'
  ctx.fillText('x', box.left + box.width / 2, y)
  ctx.textAlign = 'right'
  ctx.fillText(formatNumber(to, 2), box.left + box.width, y)
  ctx.restore()
}
