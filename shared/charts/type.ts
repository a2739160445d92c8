/** Type that charts write in. A page has the sizes of its style sheet, a figure those of its paper. */

/** The scale of type sizes, smallest first. */
export const TEXT_SIZES = ['tiny', 'small', 'note', 'body', 'title', 'large'] as const
export type TextSize = (typeof TEXT_SIZES)[number]

export interface ChartType {
  /** As `font-family` takes it. */
  readonly typeface: string
  /** In CSS pixels. */
  size: (name: TextSize) => number
  /** The `font` of a canvas. */
  font: (size: TextSize, weight?: 'strong' | 'normal') => string
}
