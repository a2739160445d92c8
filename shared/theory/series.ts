import type { SeriesGraph } from '../network/series'
import type { FiniteWidth } from './finite-width'
import type { Spread } from './spreads'

/** Mean square, batch variance and mean of the stream, and the mean squared gradient (docs/formulas.md). */
export type Quantity = 'q' | 'v' | 'm' | 'p'

/** Arrays over k = 0..L, null where theory has no answer; `note` then says why. */
export interface Theory {
  q: number[] | null
  v: number[] | null
  m: number[] | null
  p: number[] | null
  note: Partial<Record<Quantity, string>>
  /** What to know when measurement is held against it; null when nothing. */
  remark: string | null
  /** Of single networks of the width; absent: not asked for, or there is none. */
  finiteWidth?: FiniteWidth
}

/** What single networks show of a quantity; null where theory does not say it. */
export const spreadOf = ({ finiteWidth }: Pick<Theory, 'finiteWidth'>, quantity: Quantity): Spread | null =>
  finiteWidth?.[quantity] ?? null

/** Before theory is there: it is computed while networks are measured. */
export const PENDING_THEORY: Theory = {
  ...{ q: null, v: null, m: null, p: null, remark: null },
  note: Object.fromEntries(['q', 'v', 'm', 'p'].map((quantity) => [quantity, 'Theory is being computed.'])),
}

/** A series with what theory expects of it. */
export interface SeriesHeader extends SeriesGraph {
  theory: Theory
}
