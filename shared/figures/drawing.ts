/** A finished drawing, as a list of paths and texts: what files of every format are written from. */
export interface Drawing {
  /** CSS pixels, of which 96 are an inch. */
  width: number
  height: number
  /** Later ones lie above. */
  marks: readonly Mark[]
}

export type Mark = PathMark | TextMark

export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

/** A colour without its transparency: #rrggbb; and that by itself, from 0 to 1. */
export interface Ink {
  colour: string
  opacity: number
}

export interface Stroke extends Ink {
  width: number
  /** Lengths of dashes and gaps; empty: solid. */
  dash: readonly number[]
  cap: 'butt' | 'round' | 'square'
  join: 'bevel' | 'round' | 'miter'
}

export interface PathMark {
  kind: 'path'
  /** As SVG has it, absolute: M, L, C, A and Z. */
  path: string
  fill: (Ink & { evenOdd: boolean }) | null
  stroke: Stroke | null
  /** What lies outside is not seen; null: all of it is. */
  clip: Rect | null
}

export interface TextMark {
  kind: 'text'
  text: string
  /** Where the baseline begins, ends or has its middle. */
  x: number
  y: number
  anchor: 'start' | 'middle' | 'end'
  /** Clockwise around that place, in degrees. */
  angle: number
  size: number
  fill: Ink
}
