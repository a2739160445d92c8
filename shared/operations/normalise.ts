import type { TensorMath } from '../numerics/tensor-math'
import type { ParameterShape } from '../graph/parameter-shape'

/** Added to every variance before the square root. */
export const NORM_EPSILON = 1e-5

/** Norms end in a learned scale gamma and a learned shift beta for each unit. */
export const affineParameters = (units: number): ParameterShape[] => [
  { role: 'gain', shape: [1, units], fanIn: 1, initial: 1 },
  { role: 'shift', shape: [1, units], fanIn: 1, initial: 0 },
]

/** x̂: mean 0 and variance 1 along an axis; and 1/√(variance + epsilon). */
export function normalise<T>(
  math: TensorMath<T>,
  x: T,
  axis: 1 | 2,
  epsilon = NORM_EPSILON,
): { normalised: T; inverse: T } {
  const centred = math.subtract(x, math.mean(x, axis))
  const inverse = math.rsqrt(math.meanSquare(centred, axis), epsilon)
  return { normalised: math.multiply(centred, inverse), inverse }
}

/** dx = (dx̂ - mean(dx̂) - x̂ mean(dx̂ x̂)) / √(variance + eps), Ioffe and Szegedy 2015, section 3. */
export function normaliseGradient<T>(
  math: TensorMath<T>,
  gradient: T,
  normalised: T,
  inverse: T,
  axis: 1 | 2,
): T {
  const along = math.multiply(normalised, math.mean(math.multiply(gradient, normalised), axis))
  const inside = math.subtract(math.subtract(gradient, math.mean(gradient, axis)), along)
  return math.multiply(inside, inverse)
}
