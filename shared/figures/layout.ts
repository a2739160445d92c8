import { heightOfMaps } from '../charts/map-chart'
import { drawMarker } from '../charts/marks'
import type { Palette } from '../charts/palette'
import type { TextSize } from '../charts/type'
import { contentMarks, inColours, legendOf } from './content'
import type { Drawing, Mark, Rect } from './drawing'
import { captionOf, type Figure, type FigureContent, type LegendEntry } from './figure'
import { textWidth } from './font-metrics'
import { RecordingContext } from './recording-context'
import { FIGURE_TYPE, hasGround, paletteOf, recoloured, type FigureTheme } from './themes'

/** Widths in millimetres, as journals have them. */
export const FIGURE_SIZES = [
  { value: 'column', label: 'Column', width: 85, definition: 'As wide as a column of a journal: 85 mm.' },
  { value: 'page', label: 'Page', width: 170, definition: 'As wide as a page of a journal: 170 mm.' },
] as const
export type FigureSize = (typeof FIGURE_SIZES)[number]['value']

export interface FigureLook {
  theme: FigureTheme
  size: FigureSize
  /** Whether title, definition, finding and caption stand around the chart; a paper has its own words. */
  words: boolean
}

export const DEFAULT_LOOK: FigureLook = { theme: 'light', size: 'column', words: true }

const MILLIMETRE = 96 / 25.4

const millimetresOf = (size: FigureSize): number => FIGURE_SIZES.find(({ value }) => value === size)!.width

/** How wide a picture of a drawing is, whose units are 1/96 inch. @param resolution pixels an inch */
export const pixelsOf = (width: number, resolution: number): number => Math.round((width / 96) * resolution)

export const widthOf = (size: FigureSize): number => millimetresOf(size) * MILLIMETRE

const MARGIN = 6
const GAP = 6
/** Height of the chart alone for its width. */
const RATIOS: Record<FigureSize, number> = { column: 0.68, page: 0.44 }
const PANEL_RATIO = 0.72
const PANELS_IN_A_ROW: Record<FigureSize, number> = { column: 2, page: 3 }
/** Where columns mean something, they may be narrower. */
const MOST_IN_A_ROW: Record<FigureSize, number> = { column: 3, page: 6 }
const LEADING = 1.3
const SAMPLE = 22

/** The whole figure: words, legend, chart and caption below each other. */
export function figureDrawing(figure: Figure, { theme, size, words }: FigureLook): Drawing {
  const palette = paletteOf(theme)
  const legend = legendOf(figure.content)
  const colour = recoloured(
    theme,
    legend.map(({ appearance }) => appearance.colour),
  )
  const content = inColours(figure.content, colour)
  const width = widthOf(size)
  const page = new Page(width, palette)
  if (words) {
    page.write(figure.title, 'large', palette.ink)
    page.write(figure.subtitle, 'note', palette.muted)
    page.skip(2)
  }
  page.legend(legendOf(content))
  page.content(content, size)
  if (words) {
    page.write(figure.finding, 'body', palette.ink)
    page.write(captionOf(figure), 'tiny', palette.muted)
  }
  return page.drawing(hasGround(theme))
}

/** A figure from the top down. */
class Page {
  readonly #marks: Mark[] = []
  #y = MARGIN
  readonly #inside: number

  constructor(
    private readonly width: number,
    private readonly palette: Palette,
  ) {
    this.#inside = width - 2 * MARGIN
  }

  skip(pixels: number): void {
    this.#y += pixels
  }

  write(text: string, size: TextSize, colour: string): void {
    if (!text) return
    const pixels = FIGURE_TYPE.size(size)
    const context = this.#context()
    context.font = FIGURE_TYPE.font(size)
    context.fillStyle = colour
    context.textBaseline = 'top'
    for (const line of wrapped(text, pixels, this.#inside)) {
      context.fillText(line, MARGIN, this.#y)
      this.#y += LEADING * pixels
    }
    this.#y += 2
    this.#marks.push(...context.marks)
  }

  /** As many names in a row as fit. */
  legend(entries: readonly LegendEntry[]): void {
    const pixels = FIGURE_TYPE.size('small')
    const context = this.#context()
    const row = LEADING * pixels + 1
    let x = MARGIN
    for (const entry of entries) {
      const needed = SAMPLE + 5 + textWidth(entry.label, pixels) + 12
      if (x > MARGIN && x + needed - 12 > this.width - MARGIN) {
        x = MARGIN
        this.#y += row
      }
      drawEntry(context, entry, x, this.#y + row / 2, this.palette)
      x += needed
    }
    if (entries.length) this.#y += row + 2
    this.#marks.push(...context.marks)
  }

  content(content: FigureContent, size: FigureSize): void {
    if (content.kind === 'panels') return this.#panels(content, size)
    const ratio = (content.kind === 'drawn' && content.ratio) || RATIOS[size]
    const height =
      content.kind === 'maps' ? heightOfMaps(content.maps.length, this.#inside) : ratio * this.#inside
    this.#place(content, { x: MARGIN, y: this.#y, width: this.#inside, height })
    this.#y += height + GAP
  }

  #panels(content: Extract<FigureContent, { kind: 'panels' }>, size: FigureSize): void {
    const { panels, ratio = PANEL_RATIO } = content
    const asked = content.columns ?? Infinity
    const columns = Math.min(panels.length, asked <= MOST_IN_A_ROW[size] ? asked : PANELS_IN_A_ROW[size])
    this.skip(2)
    const width = (this.#inside - GAP * (columns - 1)) / columns
    const head = LEADING * FIGURE_TYPE.size('small')
    const height = width * ratio
    panels.forEach(({ title, content }, i) => {
      const x = MARGIN + (i % columns) * (width + GAP)
      const y = this.#y + Math.floor(i / columns) * (head + height + GAP)
      const context = this.#context()
      context.font = FIGURE_TYPE.font('small')
      context.fillStyle = this.palette.ink
      context.textBaseline = 'top'
      context.fillText(fitted(title, FIGURE_TYPE.size('small'), width), x, y)
      this.#marks.push(...context.marks)
      this.#place(content, { x, y: y + head, width, height })
    })
    this.#y += Math.ceil(panels.length / columns) * (head + height + GAP)
  }

  #place(content: FigureContent, box: Rect): void {
    this.#marks.push(...contentMarks(content, this.palette, box))
  }

  #context(): RecordingContext {
    return new RecordingContext(this.width, 0)
  }

  drawing(isOnGround: boolean): Drawing {
    const height = this.#y + MARGIN - GAP / 2
    const { width, palette } = this
    const ground = new RecordingContext(width, height)
    ground.fillStyle = palette.surface
    ground.fillRect(0, 0, width, height)
    return { width, height, marks: isOnGround ? [...ground.marks, ...this.#marks] : this.#marks }
  }
}

function drawEntry(
  context: RecordingContext,
  { label, appearance, dashed, marked }: LegendEntry,
  x: number,
  y: number,
  palette: Palette,
): void {
  const ctx = context.asContext()
  ctx.strokeStyle = appearance.colour
  ctx.lineWidth = dashed ? 1.2 : marked ? appearance.width : 1
  ctx.setLineDash(dashed ? [5, 4] : [])
  ctx.beginPath()
  ctx.moveTo(x, y)
  ctx.lineTo(x + SAMPLE, y)
  ctx.stroke()
  if (marked) drawMarker(ctx, appearance, x + SAMPLE / 2, y, palette)
  ctx.font = FIGURE_TYPE.font('small')
  ctx.textBaseline = 'middle'
  ctx.fillStyle = palette.ink
  ctx.fillText(label, x + SAMPLE + 5, y)
}

/** What belongs together stays in one line: "L = 20". */
const kept = (text: string): string =>
  text
    .trim()
    .replace(/ = /g, '\u00a0=\u00a0')
    .replace(/[^\S\u00a0]+/g, ' ')

function wrapped(text: string, size: number, width: number): string[] {
  const lines: string[] = []
  for (const word of kept(text).split(' ')) {
    const last = lines.length - 1
    const longer = last >= 0 ? `${lines[last]} ${word}` : word
    if (last >= 0 && textWidth(longer, size) <= width) lines[last] = longer
    else lines.push(word)
  }
  return lines.map((line) => line.replaceAll('\u00a0', ' '))
}

function fitted(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text
  let end = text.length
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, size) > width) end--
  return `${text.slice(0, end)}…`
}
