import type { TensorMath } from '../tensor-math'

/** Added to every variance before the square root. */
export const NORM_EPSILON = 1e-5

/** Mean 0 and variance 1 along an axis; saved: the normalised value and 1/√(variance + eps). */
export function normalise<T>(math: TensorMath<T>, x: T, axis: 1 | 2): { output: T; saved: T[] } {
  const centred = math.subtract(x, math.mean(x, axis))
  const inverse = math.rsqrt(math.mean(math.square(centred), axis), NORM_EPSILON)
  const output = math.multiply(centred, inverse)
  return { output, saved: [output, inverse] }
}

/** dx = (dy - mean(dy) - x̂ mean(dy x̂)) / √(variance + eps), Ioffe and Szegedy 2015, section 3. */
export function normaliseGradient<T>(
  math: TensorMath<T>,
  gradient: T,
  [output, inverse]: T[],
  axis: 1 | 2,
): T {
  const along = math.multiply(output, math.mean(math.multiply(gradient, output), axis))
  const inside = math.subtract(math.subtract(gradient, math.mean(gradient, axis)), along)
  return math.multiply(inside, inverse)
}
