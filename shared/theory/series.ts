import type { SeriesGraph } from '../network/series'

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
}

/** A series with what theory expects of it: known before anything is measured. */
export interface SeriesHeader extends SeriesGraph {
  theory: Theory
}
