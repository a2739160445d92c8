import type { ChartType } from './type'

/**
 * Colours that charts draw with besides those of the series; the rest of the screen has the same as CSS properties
 * (renderer/style/tokens.css).
 */
export interface Colours {
  surface: string
  ink: string
  muted: string
  grid: string
  axis: string
  alarm: string
  /** Of maps: the least values, those in the middle of a scale that has one, and the largest. */
  low: string
  middle: string
  high: string
}

/** What a chart is drawn with: colours, and the type of its words. */
export interface Palette extends Colours {
  type: ChartType
}

/** Okabe and Ito's blue and vermillion, which people with any colour vision tell apart; lightness says how far. */
const MAP_ENDS = { low: '#0072b2', high: '#d55e00' }

export const LIGHT_COLOURS: Colours = {
  surface: '#ffffff',
  ink: '#1c2128',
  muted: '#5b6470',
  grid: '#eceef1',
  axis: '#c5cad1',
  alarm: '#a3320b',
  middle: '#eceef1',
  ...MAP_ENDS,
}

export const DARK_COLOURS: Colours = {
  surface: '#171b21',
  ink: '#e7eaee',
  muted: '#9aa4b1',
  grid: '#252b33',
  axis: '#454e5a',
  alarm: '#ff9d73',
  middle: '#252b33',
  ...MAP_ENDS,
}

/** `colour` with `share` of `other` in it, both #rrggbb. */
export function mix(colour: string, other: string, share: number): string {
  const channel = (hex: string, i: number) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16)
  const mixed = [0, 1, 2].map((i) => Math.round(channel(colour, i) * (1 - share) + channel(other, i) * share))
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

export function transparent(colour: string, alpha: number): string {
  return `${colour}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`
}
