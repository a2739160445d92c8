import type { Palette } from '../../../shared/charts/palette'
import { canvasFont } from '../../charts/type'

/** Ticks where patterns change: one row per block, the first on top; many in one place are darker. */
export function drawBreaks(
  ctx: CanvasRenderingContext2D,
  breaks: readonly Float64Array[],
  {
    depth,
    range: [from, to],
    width,
    height,
  }: { depth: number; range: readonly [number, number]; width: number; height: number },
  colour: string,
  palette: Palette,
): void {
  const [left, bottom] = [24, 16]
  const [plotWidth, plotHeight] = [width - left - 1, height - bottom]
  const row = plotHeight / depth
  ctx.clearRect(0, 0, width, height)
  ctx.strokeStyle = palette.grid
  ctx.strokeRect(left + 0.5, 0.5, plotWidth - 1, plotHeight - 1)
  const columns = Math.max(1, Math.floor(plotWidth))
  breaks.forEach((own, k) => {
    const counts = new Uint16Array(columns)
    for (const place of own) {
      const column = Math.floor(((place - from) / (to - from)) * columns)
      counts[Math.min(columns - 1, Math.max(0, column))]++
    }
    ctx.fillStyle = colour
    counts.forEach((count, column) => {
      if (!count) return
      ctx.globalAlpha = 1 - Math.exp(-0.3 * count)
      const top = k * row
      ctx.fillRect(left + column, top + (row > 4 ? 0.5 : 0), 1, row > 4 ? row - 1 : row)
    })
  })
  ctx.globalAlpha = 1
  ctx.font = canvasFont('tiny')
  ctx.fillStyle = palette.muted
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'right'
  const step = Math.max(1, Math.ceil(depth / Math.max(2, plotHeight / 22)))
  for (let k = 1; k <= depth; k++) {
    if (k === 1 || k === depth || (k % step === 0 && depth - k >= step / 2))
      ctx.fillText(String(k), left - 4, (k - 0.5) * row)
  }
  ctx.textBaseline = 'alphabetic'
  ctx.textAlign = 'left'
  ctx.fillText(String(from).replace('-', '−'), left, height - 4)
  ctx.textAlign = 'center'
  ctx.fillText('x', left + plotWidth / 2, height - 4)
  ctx.textAlign = 'right'
  ctx.fillText(String(to).replace('-', '−'), left + plotWidth, height - 4)
}

/** One colour per pattern, soft ones; rows that are not there yet stay clear. */
export function sliceImage(patterns: Uint32Array, size: number, isDark: boolean): ImageData {
  const image = new ImageData(size, size)
  const known = new Map<number, [number, number, number]>()
  for (let i = 0; i < patterns.length; i++) {
    let colour = known.get(patterns[i])
    if (!colour) known.set(patterns[i], (colour = colourOf(patterns[i], isDark)))
    image.data.set(colour, 4 * i)
    image.data[4 * i + 3] = 255
  }
  return image
}

function colourOf(pattern: number, isDark: boolean): [number, number, number] {
  // Consecutive bits of the hash: hue, saturation, lightness.
  const mixed = Math.imul(pattern ^ (pattern >>> 15), 0x2c1b3c6d) >>> 0
  const part = (shift: number, bits: number) => ((mixed >>> shift) & (2 ** bits - 1)) / (2 ** bits - 1)
  const [saturation, lightness] = isDark
    ? [0.22 + 0.2 * part(12, 5), 0.28 + 0.36 * part(17, 6)]
    : [0.3 + 0.25 * part(12, 5), 0.54 + 0.35 * part(17, 6)]
  return fromHsl(part(0, 12), saturation, lightness)
}

function fromHsl(hue: number, saturation: number, lightness: number): [number, number, number] {
  const a = saturation * Math.min(lightness, 1 - lightness)
  const channel = (n: number) => {
    const k = (n + hue * 12) % 12
    return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}

interface RegionsSide {
  breaks: readonly Float64Array[]
  colour: string
  /** Null where no picture of the plane has begun. */
  plane: { patterns: Uint32Array; size: number } | null
}

/** Both networks as one picture: breaks along the line above, patterns in the plane below. */
export function regionsImage(
  sides: readonly RegionsSide[],
  {
    depth,
    range,
    palette,
    isDark,
  }: { depth: number; range: readonly [number, number]; palette: Palette; isDark: boolean },
  width: number,
  height: number,
  scale: number,
): HTMLCanvasElement {
  const canvas = blank(width * scale, height * scale)
  const ctx = canvas.getContext('2d')!
  ctx.scale(scale, scale)
  ctx.imageSmoothingEnabled = false
  const own = { width: width / 2 - 16, height: height * 0.38 }
  sides.forEach(({ breaks, colour, plane }, i) => {
    const left = (i * width) / 2
    const raster = blank(own.width * scale, own.height * scale)
    const inner = raster.getContext('2d')!
    inner.scale(scale, scale)
    drawBreaks(inner, breaks, { depth, range, ...own }, colour, palette)
    ctx.drawImage(raster, left, 0, own.width, own.height)
    if (!plane) return
    const pixels = blank(plane.size, plane.size)
    pixels.getContext('2d')!.putImageData(sliceImage(plane.patterns, plane.size, isDark), 0, 0)
    const edge = Math.min(own.width, height - own.height - 10)
    ctx.drawImage(pixels, left + 24, own.height + 10, edge, edge)
  })
  return canvas
}

const blank = (width: number, height: number): HTMLCanvasElement =>
  Object.assign(window.document.createElement('canvas'), { width, height })
