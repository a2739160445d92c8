import { sameShape, type Shape } from '../numerics/shape'
import type { Misfit } from './operation'

/** Both sides of a sum or product must have one shape. */
export function joinMisfit(
  name: string,
  [a, b]: readonly Shape[],
  text: (shape: Shape) => string,
): Misfit | null {
  if (sameShape(a, b)) return null
  const hint =
    a.units === b.units
      ? 'Use the same strides and paddings on both sides.'
      : 'End the branch in a linear layer (or a 1 × 1 convolution) with units 1.'
  return { problem: `the ${name} joins ${text(a)} and ${text(b)}`, hint }
}
