import { array3, float64 } from '../numerics/float64'
import { effectiveWeight } from '../operations/weights'
import type { NetworkArrays } from './network'

/** The weights that inputs are multiplied by, for forms that have no scaled weight standardisation. */
export function effectiveValues(
  { shape, values }: ReturnType<NetworkArrays>,
  standardised: number,
): Float32Array {
  if (!standardised) return values
  return Float32Array.from(effectiveWeight(float64, { standardised }, array3([1, ...shape], values)).values)
}
