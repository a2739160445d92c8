import { batchScatter } from '../moments/batch-scatter'
import type { Gradient } from '../moments/moments'
import type { Operation } from '../operations/operation'

/** What decides `spent` of a gradient (see Gradient) that has come back through an operation. */
export interface SpentBefore {
  /** Of the gradient which arrives. */
  spent: number
  centred: number
  /** Of the operation's input. */
  normalised?: number
  /** E[x_a x_b] / E[x_a²] of the operation's input, for two samples. */
  alike: number
  /** Of an activation that bends values: as `leverage` of TheoryReadings. */
  leverage: { own: number; pair: number } | null
  /** B, with positions. */
  batch: number
}

/**
 * `spent` behind an operation, of the direction that the operation's input has over the batch.
 *
 * Behind a layer, gradients are independent of the values: their mean square along the values, Σ_ab x_a x_b E[g_a g_b],
 * lacks what they share where they add up to 0 over the batch. An activation that bends values passes the more or the
 * less of it the larger they are.
 */
export function spentBehind({ gradientSpent, kind }: Operation, before: SpentBefore): number {
  if (gradientSpent === 'renewed') return spentByNorm(before)
  if (before.leverage) return 1 - before.leverage.own + before.centred * before.leverage.pair
  if (gradientSpent === 'kept') return before.spent
  return kind === 'linear' ? before.centred * before.alike : 0
}

/** Below this share of fixed length, what it adds no longer changes. */
const LEAST_SHARE = 1e-3

/**
 * A norm has removed all of its own direction. Where a norm below has fixed the length of a part of its input, though,
 * the norm divides most where that part and the rest cancel, and there their directions differ most: this is what
 * `spentAtPart` makes the right share of at that part (`aslant` of BatchScatter), and 1 for a batch without end.
 */
function spentByNorm({ batch, normalised = 0 }: SpentBefore): number {
  if (batch === Infinity) return 1
  const share = Math.max(LEAST_SHARE, normalised)
  const atPart = 1 - (batchScatter(batch, share).aslant * batch) / (batch - 2)
  return (atPart + (1 - share) / (batch - 1)) / share
}

/**
 * `spent` at one part of a combination of independent ones, as seen from the direction of that part: by its share of
 * the variance, the square of the cosine between both. In the other directions of a gradient that adds up to 0 there
 * is B/(B - 1) of the mean square.
 */
export function spentAtPart({ spent = 0, centred = 0 }: Gradient, share: number, batch: number): number {
  const elsewhere = centred === 0 ? 0 : centred / (batch - 1)
  return share * spent - (1 - share) * elsewhere
}
