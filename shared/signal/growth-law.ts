import { formatNumber } from '../base/format'

/** How a curve grows from block to block. */
export type GrowthLaw =
  | { kind: 'steady'; level: number }
  | { kind: 'geometric'; ratio: number }
  | { kind: 'arithmetic'; slope: number }
  | { kind: 'between'; low: number; high: number }
  | { kind: 'other' }
  | { kind: 'unknown' }

/** Within this factor of its start a curve counts as steady. */
const STEADY = 1.3

/** Within this factor from start to end, and from smallest to largest, it wanders rather than follows a law. */
const WANDERS = { ends: 1.5, range: 4 }

/**
 * A law is named only if no point is farther from it than this, in natural logarithm, or than this share of the whole
 * way.
 */
const FITS = { least: 0.7, share: 0.08 }

/** The law that a positive curve follows from its first to its last finite value. */
export function growthLawOf(values: ArrayLike<number>): GrowthLaw {
  const finite = finitePrefix(values)
  const last = finite.length - 1
  if (last < 1) return { kind: 'unknown' }
  if (finite.some((value) => value <= 0))
    return finite.every((value) => value === 0) ? { kind: 'steady', level: 0 } : { kind: 'other' }
  const [from, to] = [finite[0], finite[last]]
  if (finite.every((value) => value < from * STEADY && value > from / STEADY))
    return { kind: 'steady', level: mean(finite) }
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const ends = Math.max(to / from, from / to)
  if (ends < WANDERS.ends && high / low < WANDERS.range) return { kind: 'between', low, high }
  // What comes back on its way (stages of different width do) follows no law from end to end.
  if (
    finite.some((value, k) => k > 0 && (to > from ? finite[k - 1] / value : value / finite[k - 1]) > STEADY)
  )
    return { kind: 'other' }
  const ratio = (to / from) ** (1 / last)
  const slope = (to - from) / last
  const geometric = worst(finite, (k) => from * ratio ** k)
  const arithmetic = worst(finite, (k) => from + slope * k)
  const tolerance = Math.max(FITS.least, FITS.share * Math.log(high / low))
  if (Math.min(geometric, arithmetic) > tolerance) return { kind: 'other' }
  return geometric <= arithmetic ? { kind: 'geometric', ratio } : { kind: 'arithmetic', slope }
}

function worst(values: number[], law: (k: number) => number): number {
  return Math.max(...values.map((value, k) => Math.abs(Math.log(value / law(k)))))
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

export function finitePrefix(values: ArrayLike<number>): number[] {
  const all = Array.from(values)
  const end = all.findIndex((value) => !Number.isFinite(value))
  return end < 0 ? all : all.slice(0, end)
}

/** The law in words, as the rest of a sentence; null where no law is named. */
export function growthWords(growth: GrowthLaw): string | null {
  switch (growth.kind) {
    case 'steady':
      return `stays near ${formatNumber(growth.level)}`
    case 'between':
      return `stays between ${formatNumber(growth.low)} and ${formatNumber(growth.high)}`
    case 'arithmetic':
      return `${growth.slope > 0 ? 'grows' : 'falls'} by ${formatNumber(Math.abs(growth.slope))} per block`
    case 'geometric':
      if (Math.abs(growth.ratio / 2 - 1) < 0.04) return 'doubles every block'
      if (Math.abs(growth.ratio * 2 - 1) < 0.04) return 'halves every block'
      return `${growth.ratio > 1 ? 'grows' : 'shrinks'} ×${formatNumber(growth.ratio)} per block`
    default:
      return null
  }
}
