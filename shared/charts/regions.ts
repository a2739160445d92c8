import type { Palette } from './palette'

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
  ctx.font = palette.type.font('tiny')
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

/** A soft colour for an activation pattern, red, green and blue from 0 to 255: the same wherever it is drawn. */
export function patternColour(pattern: number, isDark: boolean): [number, number, number] {
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

/**
 * The patterns of a square as rectangles, as long as a row has one; greys where the palette has no colours.
 * @param patterns row by row from the top
 */
export function drawPlane(
  ctx: CanvasRenderingContext2D,
  patterns: Uint32Array,
  { size, x, y, edge }: { size: number; x: number; y: number; edge: number },
  palette: Palette,
): void {
  const isDark = lightnessOf(palette.surface) < 0.5
  const isGrey = /^#(..)\1\1$/.test(palette.low)
  const point = edge / size
  const colourAt = (pattern: number) => {
    const rgb = patternColour(pattern, isDark)
    const grey = Math.round((rgb[0] + rgb[1] + rgb[2]) / 3)
    return isGrey ? `rgb(${grey}, ${grey}, ${grey})` : `rgb(${rgb.join(', ')})`
  }
  for (let row = 0; row * size < patterns.length; row++) {
    for (let from = 0, to = 0; from < size; from = to) {
      const pattern = patterns[row * size + from]
      while (to < size && patterns[row * size + to] === pattern) to++
      ctx.fillStyle = colourAt(pattern)
      // A little over its edge: neighbours leave no hairline between them.
      ctx.fillRect(x + from * point, y + row * point, (to - from) * point + 0.2, point + 0.2)
    }
  }
}

/** From 0 to 1, of #rrggbb. */
const lightnessOf = (colour: string): number =>
  [1, 3, 5].reduce((sum, i) => sum + parseInt(colour.slice(i, i + 2), 16), 0) / (3 * 255)
