import type { TensorMath } from '../tensor-math'

/** Added to every variance before the square root. */
export const NORM_EPSILON = 1e-5

/**
 * Mean 0 and variance 1 along an axis; saved: the normalised value, 1/√(variance + eps) and the mean.
 * @param frozen saved by an earlier call, whose mean and variance are used
 */
export function normalise<T>(
  math: TensorMath<T>,
  x: T,
  axis: 1 | 2,
  frozen?: T[],
): { output: T; saved: T[] } {
  const mean = frozen ? frozen[2] : math.mean(x, axis)
  const centred = math.subtract(x, mean)
  const inverse = frozen ? frozen[1] : math.rsqrt(math.mean(math.square(centred), axis), NORM_EPSILON)
  const output = math.multiply(centred, inverse)
  return { output, saved: [output, inverse, mean] }
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
