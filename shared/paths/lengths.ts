import { overPowerOfTwo, pathCounts } from './counts'
import type { MeasuredPaths, PathTheory } from './results'

/** One path length as the charts show it. Shares are of the sum of all squared terms. */
export interface LengthRow {
  length: number
  count: bigint
  /** The share of all paths that has this length. */
  countShare: number
  /** Mean over networks; NaN or infinite where it is not a number, null where nothing is measured. */
  share: number | null
  /** 5th to 95th percentile over networks, or, of a sample, two standard errors to either side. */
  low: number | null
  high: number | null
  /** Standard error of the share, of a sample. */
  error: number | null
  /** Whether every term of this length is exactly zero; a share may also be too small for a number. */
  isZero: boolean
  theory: number | null
}

/** All lengths 0..L of a residual network, or the one length of a plain one. */
export function lengthRows(
  blocks: number,
  measured: MeasuredPaths | null,
  theory: PathTheory | null,
): LengthRow[] {
  const counts = pathCounts(blocks)
  const found = new Map<number, Pick<LengthRow, 'share' | 'low' | 'high' | 'error' | 'isZero'>>()
  measured?.lengths?.forEach(({ length, share: { mean, low, high }, termNorm }) =>
    found.set(length, { share: mean, low, high, error: null, isZero: termNorm.mean === 0 }),
  )
  measured?.sampled?.lengths.forEach(({ length, energy, share: { mean, error } }) => {
    const [low, high] = [Math.max(0, mean - 2 * error), mean + 2 * error]
    found.set(length, { share: mean, low, high, error, isZero: energy.mean === 0 })
  })
  const isPlain = found.size === 1
  return counts.flatMap((count, length) => {
    const own = found.get(length)
    if (isPlain && !own) return []
    return [
      {
        length,
        count: isPlain ? 1n : count,
        countShare: isPlain ? 1 : overPowerOfTwo(count, blocks),
        share: own?.share ?? null,
        low: own?.low ?? null,
        high: own?.high ?? null,
        error: own?.error ?? null,
        isZero: own?.isZero ?? false,
        theory: theory ? theory.energyShare[length] : null,
      },
    ]
  })
}

export interface PathEnergy {
  value: number | null
  low: number | null
  high: number | null
  theory: number | null
}

/**
 * The energy of one path of this length over that of the mean path: share by energy over share by count. Null where a
 * share is too small for a number. A sample's two standard errors are taken of the logarithm: it stands on a
 * logarithmic axis.
 */
export function energyOfOne(row: LengthRow): PathEnergy {
  const over = (share: number | null) =>
    share === null || (share === 0 && !row.isZero) ? null : share / row.countShare
  const value = over(row.share)
  const theory = over(row.theory === 0 ? null : row.theory)
  if (row.error === null || value === null || !row.share)
    return { value, low: over(row.low), high: over(row.high), theory }
  const factor = Math.exp((2 * row.error) / row.share)
  return { value, low: value / factor, high: value * factor, theory }
}

/** Long counts as a power of ten: 1.07e301. */
export function shortCount(count: bigint): string {
  const digits = String(count)
  if (digits.length <= 15) return grouped(digits)
  // Rounded, not cut off.
  const three = Math.round(Number(digits.slice(0, 4)) / 10)
  const [mantissa, exponent] = three === 1000 ? [100, digits.length] : [three, digits.length - 1]
  return `${(mantissa / 100).toFixed(2)}e${exponent}`
}

/** 1 048 576, with narrow spaces that do not break. */
export function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')
}
