import type { Summary } from '../numerics/statistics'
import type { Quantity } from '../theory/series'

/** What is measured of every block as networks learn, at a step, besides the signal. */
export type BlockQuantity = 'gradientNorm' | 'updateRatio'

/** What training alone has, block by block. */
export const BLOCK_QUANTITIES = {
  gradientNorm: {
    title: 'Gradient norm',
    formula: '‖∂loss/∂W‖',
    subject: 'the gradient norm',
    definition:
      'Frobenius norm of the gradient of the batch’s loss by the weights of all linear layers of a block; ' +
      'the mean over networks is that of the squares, and its root is drawn.',
  },
  updateRatio: {
    title: 'Update/weight ratio',
    formula: '‖ΔW‖/‖W‖',
    subject: 'the update’s share of the weights',
    definition:
      'Euclidean norm of the update that comes next over that of the weights, of all linear layers of a block. ' +
      'About a thousandth is usual; blocks far below it hardly learn.',
  },
} as const

export const isBlockQuantity = (quantity: Quantity | BlockQuantity): quantity is BlockQuantity =>
  quantity in BLOCK_QUANTITIES

/** A series at one step of its training: summaries over k = 0..L, of weights over blocks 1..L. */
interface MeasuredBlocks extends Record<Quantity, Summary> {
  weightGradientNorm2: Summary
  updateRatio: Summary
}

/** Over k = 0..L; of what blocks alone have, NaN at k = 0. */
export function summaryOf(one: MeasuredBlocks, quantity: Quantity | BlockQuantity): Summary {
  if (quantity === 'updateRatio') return overBlocks(one.updateRatio)
  if (quantity === 'gradientNorm') return overBlocks(one.weightGradientNorm2, Math.sqrt)
  return one[quantity]
}

function overBlocks({ mean, median, low, high }: Summary, of = (value: number) => value): Summary {
  const padded = (values: readonly number[]) => [NaN, ...values.map(of)]
  return { mean: padded(mean), median: padded(median), low: padded(low), high: padded(high) }
}
