import { array3, float64 } from '../numerics/float64'
import { effectiveWeight } from '../operations/weights'
import { partsOf, type ExportedNetwork, type NetworkArrays } from './network'

/** Whether layers of the network standardise their weights before they use them. */
export const isStandardised = (network: ExportedNetwork): boolean =>
  partsOf(network).some(({ nodes }) =>
    nodes.some(({ layer }) => 'standardised' in layer && layer.standardised > 0),
  )

/** The weights that inputs are multiplied by, for forms that have no scaled weight standardisation. */
export function effectiveValues(
  { shape, values }: ReturnType<NetworkArrays>,
  standardised: number,
): Float32Array {
  if (!standardised) return values
  return Float32Array.from(effectiveWeight(float64, { standardised }, array3([1, ...shape], values)).values)
}
