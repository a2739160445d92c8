import { formatNumber } from '../../../shared/format'
import { growthPerBlock, type Growth } from '../../../shared/order'
import type { Theory } from '../../../shared/protocol'

/** Deeper networks are computed elsewhere: this is for the time while the block changes. */
export const MOST_BLOCKS = 100

/** float32 ends here; a measured mean square does too. */
const FLOAT32_LARGEST = 2 ** 128
/** Ratios of neighbouring blocks that differ by no more than this are one law. */
const STEADY = 0.02

export interface LiveReading {
  forward: Growth | null
  backward: Growth | null
  /** The first block whose mean square float32 cannot hold; `isExtrapolated`: beyond what was computed, if it goes on like this. */
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
  const last = q.length - 1
  if (last < 2 || !(q[last - 2] > 0)) return null
  const [before, ratio] = [q[last - 1] / q[last - 2], q[last] / q[last - 1]]
  if (!(ratio > 1 + STEADY) || Math.abs(ratio / before - 1) > STEADY) return null
  // Sums that only grow by a constant have ratios that fall towards 1: those never get there.
  const middle = Math.floor(last / 2)
  if (middle > 0 && Math.abs(ratio / (q[middle] / q[middle - 1]) - 1) > STEADY) return null
  const further = Math.log2(FLOAT32_LARGEST / q[last]) / Math.log2(ratio)
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
  if (forward) sentences.push(`The signal ${verb(forward.ratio)}`)
  if (backward) sentences.push(`the gradient, on its way back, ${verb(backward.ratio)}`)
  const growth = sentences.length ? `${sentences.join('; ')}.` : 'Nothing comes through.'
  if (!overflow) return `${growth} It does not overflow within ${depth} blocks.`
  const where = `block ${overflow.block}`
  return `${growth} ${overflow.isExtrapolated ? `At this rate its mean square overflows float32 at ${where}.` : `Its mean square overflows float32 at ${where}.`}`
}

function verb(ratio: number): string {
  if (Math.abs(ratio - 1) < 0.005) return 'keeps its size'
  if (Math.abs(ratio / 2 - 1) < 0.02) return 'doubles every block'
  return `${ratio > 1 ? 'grows' : 'shrinks'} ×${formatNumber(ratio)} per block`
}
