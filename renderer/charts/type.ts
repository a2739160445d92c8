/**
 * Type on canvases, in the sizes and the typeface of style/tokens.css: the style sheet is the one source, so a chart's
 * labels are of the size of the words beside it.
 */

/** The scale of type sizes, smallest first; each is the property `--text-<name>`. */
export const TEXT_SIZES = ['tiny', 'small', 'note', 'body', 'title', 'large'] as const
export type TextSize = (typeof TEXT_SIZES)[number]

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

/** The size in CSS pixels. */
export const textSize = (size: TextSize): number => parseFloat(token(`--text-${size}`))

/** The typeface, as `font-family` takes it. */
export const typeface = (): string => token('--typeface')

/** The `font` of a canvas. */
export const canvasFont = (size: TextSize, weight: 'strong' | 'normal' = 'normal'): string =>
  `${token(`--weight-${weight}`)} ${textSize(size)}px ${typeface()}`

/** The largest size of at most so many CSS pixels, or the smallest of all. */
export const largestText = (pixels: number): TextSize =>
  TEXT_SIZES.filter((size) => textSize(size) <= pixels).at(-1) ?? TEXT_SIZES[0]
