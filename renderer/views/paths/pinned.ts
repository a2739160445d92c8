import { lengthRows } from '../../../shared/paths/lengths'
import { overlayLook, type OverlaidCurve } from '../../state/overlays.svelte'

/** A pinned run beside what a chart over path lengths shows: a thin line. */
export interface PinnedLine {
  id: string
  colour: string
  points: readonly { length: number; value: number }[]
}

/** Shares of the energy that the paths of each length have. */
export const pinnedShares = (pinned: readonly OverlaidCurve[]): PinnedLine[] =>
  pinned.map(({ series, values }) => ({
    id: series.key,
    colour: overlayLook(series).colour,
    points: values.mean.map((value, i) => ({ length: values.x[i], value })),
  }))

/** The energy of one path of each length over the mean of all paths, out of the share of them all. */
export function pinnedEnergyOfOne({ points, ...line }: PinnedLine): PinnedLine {
  // Without skip connections there is one path.
  if (points.length === 1) return { ...line, points }
  const rows = lengthRows(Math.max(...points.map(({ length }) => length)), null, null)
  return {
    ...line,
    points: points.map(({ length, value }) => ({ length, value: value / rows[length].countShare })),
  }
}
