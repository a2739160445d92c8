import { DARK_COLOURS, LIGHT_COLOURS, type Colours, type Palette } from '../charts/palette'
import { TEXT_SIZES, type ChartType, type TextSize } from '../charts/type'
import { FIGURE_TYPEFACE } from './font-metrics'

/** What a figure is for; each is designed by itself. */
export const FIGURE_THEMES = [
  { value: 'light', label: 'Light', definition: 'Colours on white, as on the screen.' },
  { value: 'dark', label: 'Dark', definition: 'Colours on a dark ground, for slides.' },
  { value: 'print', label: 'Print', definition: 'Colours, black words and no ground, for a paper.' },
  {
    value: 'grey',
    label: 'Grey',
    definition: 'Greys, told apart by lightness and markers, for a paper that is printed without colours.',
  },
] as const
export type FigureTheme = (typeof FIGURE_THEMES)[number]['value']

const PRINT: Colours = {
  ...LIGHT_COLOURS,
  ink: '#000000',
  muted: '#262626',
  grid: '#e6e6e6',
  axis: '#7a7a7a',
  alarm: '#8a1c00',
}

const COLOURS: Record<FigureTheme, Colours> = {
  light: LIGHT_COLOURS,
  dark: DARK_COLOURS,
  print: PRINT,
  // A scale of greys has one direction: the middle of a diverging one is a middle grey.
  grey: { ...PRINT, alarm: '#000000', low: '#f7f7f7', middle: '#a6a6a6', high: '#1f1f1f' },
}

/** Of the curves in grey, in their order: neighbours are far apart in lightness, and all stand out from white. */
const GREYS = ['#000000', '#8c8c8c', '#4d4d4d', '#a8a8a8', '#2b2b2b', '#6e6e6e'] as const

/** Points of 1/72 inch in CSS pixels. */
const POINT = 96 / 72

/** Journals ask for 6 to 8 points in what is printed as it is. */
const POINTS: Record<TextSize, number> = { tiny: 6.5, small: 7, note: 7, body: 7.5, title: 8, large: 9 }

const SIZES = Object.fromEntries(TEXT_SIZES.map((size) => [size, POINTS[size] * POINT])) as Record<
  TextSize,
  number
>

/** One weight: the figure carries one font. */
export const FIGURE_TYPE: ChartType = {
  typeface: FIGURE_TYPEFACE,
  size: (name) => SIZES[name],
  font: (name) => `${SIZES[name]}px ${FIGURE_TYPEFACE}`,
}

export const paletteOf = (theme: FigureTheme): Palette => ({ ...COLOURS[theme], type: FIGURE_TYPE })

/** Whether the drawing has a ground of its own: what is printed lies on the paper. */
export const hasGround = (theme: FigureTheme): boolean => theme === 'light' || theme === 'dark'

/** Colours as they are in this theme, for the curves of one figure. */
export function recoloured(theme: FigureTheme, colours: readonly string[]): (colour: string) => string {
  const inks = inksOf(theme)
  const different = [...new Set(colours)].filter((colour) => !inks.has(colour))
  return (colour) => {
    const ink = inks.get(colour)
    if (ink || theme !== 'grey') return ink ?? colour
    return GREYS[Math.max(0, different.indexOf(colour)) % GREYS.length]
  }
}

/** References and single lines are in the ink of words: that of the screen's theme gives way to the figure's. */
function inksOf(theme: FigureTheme): Map<string, string> {
  const own = COLOURS[theme]
  return new Map(
    [LIGHT_COLOURS, DARK_COLOURS].flatMap(({ ink, muted }) => [
      [ink, own.ink] as const,
      [muted, own.muted] as const,
    ]),
  )
}
