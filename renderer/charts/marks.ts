import type { Appearance } from './appearance'
import { transparent, type Palette } from './palette'

/** What charts set at a place on their canvas: markers, and text over what is drawn. */

const paths = new Map<string, Path2D>()

function pathOf(marker: string): Path2D {
  let path = paths.get(marker)
  if (!path) paths.set(marker, (path = new Path2D(marker)))
  return path
}

/** One marker at a place; the legend of an exported picture has the same. */
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
  const path = pathOf(marker)
  ctx.fillStyle = filling === 'full' ? colour : palette.surface
  ctx.strokeStyle = filling === 'full' ? palette.surface : colour
  ctx.lineWidth = filling === 'full' ? 1 : 1.8
  ctx.fill(path)
  ctx.stroke(path)
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
