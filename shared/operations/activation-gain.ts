import { array3, float64 } from '../numerics/float64'
import type { GraphNode } from '../graph/block-graph'
import { operationOf } from './'
import { vector } from '../numerics/shape'

/** Points of the integral over the normal density, `STEP` apart; beyond 10 it is below 1e-22. */
const [REACH, STEP] = [10, 1e-3]
const known = new Map<string, number>()

/**
 * 1 / √Var φ(z) of an activation, z standard normal: what standardised weights after it are multiplied by, so that the
 * variance stays 1 (Brock et al. 2021). √(2/(1 - 1/π)) = 1.71286 for ReLU; 1 for what is no activation.
 */
export function activationGain(node: GraphNode): number {
  const operation = operationOf(node)
  if (operation.kind !== 'activation') return 1
  const key = JSON.stringify({ ...node, id: '', inputs: [] })
  const before = known.get(key)
  if (before !== undefined) return before
  const count = Math.round((2 * REACH) / STEP) + 1
  const z = Float64Array.from({ length: count }, (_, i) => -REACH + i * STEP)
  const { output } = operation.forward(float64, node, [array3([1, count, 1], z)], [], undefined, vector(1))
  let [mean, square] = [0, 0]
  output.values.forEach((y, i) => {
    const weight = (STEP * Math.exp((-z[i] * z[i]) / 2)) / Math.sqrt(2 * Math.PI)
    mean += weight * y
    square += weight * y * y
  })
  const gain = 1 / Math.sqrt(square - mean * mean)
  known.set(key, gain)
  return gain
}
