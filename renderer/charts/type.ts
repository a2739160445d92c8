import { TEXT_SIZES, type ChartType, type TextSize } from '../../shared/charts/type'

/**
 * Type on the page's canvases, in the sizes and the typeface of style/tokens.css: the style sheet is the one source, so
 * a chart's labels are of the size of the words beside it. Each size is the property `--text-<name>`.
 */

const known = new Map<string, string>()

/**
 * Sets the sizes of all text on the page, in per cent of what the style sheet says. Charts take the sizes when they are
 * drawn: what is on the page already has to be made again.
 */
export function scaleText(percent: number): void {
  const { style } = document.documentElement
  style.setProperty('--text-scale', String(percent / 100))
  for (const size of TEXT_SIZES) {
    style.removeProperty(`--text-${size}`)
    known.delete(`--text-${size}`)
    const pixels = (textSize(size) * percent) / 100
    known.delete(`--text-${size}`)
    if (percent !== 100) style.setProperty(`--text-${size}`, `${pixels}px`)
  }
}

/** A property of the style sheet, read once. @throws Error where the page has no such property */
function token(name: string): string {
  const value = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  if (!value) throw new Error(`The page's style sheet has no ${name}: style/tokens.css is not loaded.`)
  known.set(name, value)
  return value
}

const textSize = (size: TextSize): number => parseFloat(token(`--text-${size}`))

/** What canvases of the page write in. */
export const PAGE_TYPE: ChartType = {
  get typeface() {
    return token('--typeface')
  },
  size: textSize,
  font: (size, weight = 'normal') =>
    `${token(`--weight-${weight}`)} ${textSize(size)}px ${token('--typeface')}`,
}

/** The `font` of a canvas. */
export const canvasFont = PAGE_TYPE.font

/** The largest size of at most so many CSS pixels, or the smallest of all. */
export const largestText = (pixels: number): TextSize =>
  TEXT_SIZES.filter((size) => textSize(size) <= pixels).at(-1) ?? TEXT_SIZES[0]
