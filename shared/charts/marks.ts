import type { Appearance } from './appearance'
import { transparent, type Palette } from './palette'

/** What charts set at a place on their canvas: markers, and text over what is drawn. */

/** "M", "L" or "A" with its numbers; "Z" has none. */
const COMMAND = /([MLAZ])([^MLAZ]*)/g

/**
 * The path of a marker. It is drawn command by command, since a `Path2D` of the browser could not be read again by who
 * records what is drawn. Arcs are half circles around the origin, which is all that markers have.
 */
function traceMarker(ctx: CanvasRenderingContext2D, marker: string): void {
  ctx.beginPath()
  for (const [, command, text] of marker.matchAll(COMMAND)) {
    const numbers = text
      .trim()
      .split(/[\s,]+/)
      .map(Number)
    if (command === 'M') ctx.moveTo(numbers[0], numbers[1])
    else if (command === 'L') ctx.lineTo(numbers[0], numbers[1])
    else if (command === 'Z') ctx.closePath()
    else {
      const from = numbers[5] > 0 ? Math.PI : 0
      ctx.arc(0, 0, numbers[0], from, from + Math.PI)
    }
  }
}

/** One marker at a place; the legend of a figure has the same. */
export function drawMarker(
  ctx: CanvasRenderingContext2D,
  { marker, colour, filling }: Appearance,
  x: number,
  y: number,
  palette: Palette,
) {
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(0.85, 0.85)
  traceMarker(ctx, marker)
  ctx.fillStyle = filling === 'full' ? colour : palette.surface
  ctx.strokeStyle = filling === 'full' ? palette.surface : colour
  ctx.lineWidth = filling === 'full' ? 1 : 1.8
  ctx.fill()
  ctx.stroke()
  ctx.fillStyle = colour
  if (filling === 'dot') {
    ctx.beginPath()
    ctx.arc(0, 0, 1.5, 0, 2 * Math.PI)
    ctx.fill()
  } else if (filling === 'bar') {
    ctx.fillRect(-3.4, -0.8, 6.8, 1.6)
  }
  ctx.restore()
}

/** Text that stays readable on lines: on a ground of its own. */
export function haloText(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  palette: Palette,
) {
  const { width } = ctx.measureText(text)
  const left = ctx.textAlign === 'right' ? x - width : x
  const ink = ctx.fillStyle
  ctx.fillStyle = transparent(palette.surface, 0.86)
  ctx.fillRect(left - 2, y - 6.5, width + 4, 13)
  ctx.fillStyle = ink
  ctx.fillText(text, x, y)
}
