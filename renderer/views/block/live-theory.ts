import { growthLawOf } from '../../../shared/signal/growth-law'
import type { Cell } from '../../../shared/base/csv'
import { formatNumber } from '../../../shared/base/format'
import { growthPerBlock, type Growth } from '../../../shared/numerics/growth'
import type { Theory } from '../../../shared/theory/series'

/** float32 ends here; a measured mean square does too. */
const FLOAT32_LARGEST = 2 ** 128
/**
 * Rates (of the logarithm, per block) that differ by no more than this share are one law; slower than the least is no
 * explosion.
 */
const STEADY = 0.1
const LEAST_RATE = 0.01

export interface LiveReading {
  forward: Growth | null
  backward: Growth | null
  /**
   * The first block whose mean square float32 cannot hold; `isExtrapolated`: beyond what was computed, if it goes on
   * like this.
   */
  overflow: { block: number; isExtrapolated: boolean } | null
  /** One plain sentence. */
  finding: string
}

export function liveReading({ q, p, note }: Pick<Theory, 'q' | 'p' | 'note'>): LiveReading {
  const forward = q ? growthPerBlock(q) : null
  const backward = p ? growthPerBlock([...p].reverse()) : null
  const overflow = q ? overflowOf(q) : null
  return {
    forward,
    backward,
    overflow,
    finding: findingOf(q, p, forward, backward, overflow) || (note.q ?? note.p ?? ''),
  }
}

function overflowOf(q: readonly number[]): LiveReading['overflow'] {
  const found = q.findIndex((value) => !(value < FLOAT32_LARGEST))
  if (found >= 0) return { block: found, isExtrapolated: false }
  // Only what grows by one factor goes on like this: sums that grow by a constant, or like a power of k, have rates
  // that fall.
  const last = q.length - 1
  if (last < 2) return null
  const quarter = Math.max(1, Math.floor(last / 4))
  const rate = (from: number) => Math.log(q[from + quarter] / q[from]) / quarter
  const [early, late] = [rate(last - 3 * quarter), rate(last - quarter)]
  if (!(late > LEAST_RATE) || Math.abs(late / early - 1) > STEADY) return null
  const further = Math.log(FLOAT32_LARGEST / q[last]) / late
  return { block: last + Math.ceil(further - 1e-6), isExtrapolated: true }
}

function findingOf(
  q: readonly number[] | null,
  p: readonly number[] | null,
  forward: Growth | null,
  backward: Growth | null,
  overflow: LiveReading['overflow'],
): string {
  if (!q && !p) return ''
  const depth = (q ?? p)!.length - 1
  const sentences: string[] = []
  if (q && forward) sentences.push(`The signal ${law(q, forward)}`)
  if (p && backward) sentences.push(`the gradient, on its way back, ${law([...p].reverse(), backward)}`)
  const growth = sentences.length ? `${sentences.join('; ')}.` : 'Nothing comes through.'
  if (!overflow) return `${growth} It does not overflow within ${depth} blocks.`
  const where = `block ${overflow.block}`
  const subject = overflow.isExtrapolated ? 'At this rate its' : 'Its'
  return `${growth} ${subject} mean square overflows float32 at ${where}.`
}

/** By a factor or by a constant: which it is, is what tells exploding from growing. */
function law(values: readonly number[], { ratio }: Growth): string {
  const growth = growthLawOf(values)
  if (Math.abs(ratio - 1) < 0.005) return 'keeps its size'
  if (growth.kind === 'arithmetic')
    return `${growth.slope > 0 ? 'grows' : 'shrinks'} by ${formatNumber(Math.abs(growth.slope))} per block`
  if (growth.kind === 'geometric' && Math.abs(ratio / 2 - 1) < 0.02) return 'doubles every block'
  const mean = growth.kind === 'geometric' ? '' : ' in the geometric mean'
  return `${ratio > 1 ? 'grows' : 'shrinks'} ×${formatNumber(ratio)} per block${mean}`
}

/** The curves as a table: block k, mean squares q going forward and p coming back; empty where there is no theory. */
export function liveTable({ q, p }: Pick<Theory, 'q' | 'p'>): { header: string[]; rows: Cell[][] } {
  const blocks = Array.from({ length: Math.max(q?.length ?? 0, p?.length ?? 0) }, (_, k) => k)
  return { header: ['block', 'q', 'p'], rows: blocks.map((k) => [k, q?.[k] ?? null, p?.[k] ?? null]) }
}
