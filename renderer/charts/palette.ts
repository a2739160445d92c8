/**
 * Colours that charts draw with besides those of the series; the rest of the screen has the same as CSS properties
 * (style/tokens.css).
 */
export interface Palette {
  surface: string
  ink: string
  muted: string
  grid: string
  axis: string
  alarm: string
}

export const LIGHT: Palette = {
  surface: '#ffffff',
  ink: '#1c2128',
  muted: '#5b6470',
  grid: '#eceef1',
  axis: '#c5cad1',
  alarm: '#a3320b',
}

export const DARK: Palette = {
  surface: '#171b21',
  ink: '#e7eaee',
  muted: '#9aa4b1',
  grid: '#252b33',
  axis: '#454e5a',
  alarm: '#ff9d73',
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
