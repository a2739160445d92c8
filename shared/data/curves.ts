import { drawing } from './split'

/** Samples with real targets: inputs [samples, values], targets [samples, targets]. */
export interface Curve {
  x: Float32Array
  y: Float32Array
}

/**
 * Inputs that are uniform in a box, with one target each.
 * @param target of an input, `normal` being a standard normal number for its noise
 */
function curve(
  ordinal: number,
  { samples, values, low, high }: { samples: number; values: number; low: number; high: number },
  target: (x: Float32Array, normal: () => number) => number,
): Curve {
  const random = drawing(ordinal)
  const normal = () => random.normal()
  const x = Float32Array.from({ length: samples * values }, () => low + (high - low) * random.uniform())
  const y = Float32Array.from({ length: samples }, (_, i) =>
    target(x.subarray(i * values, (i + 1) * values), normal),
  )
  return { x, y }
}

/** sin(x)/x of x uniform in [-10, 10], Gaussian noise of deviation 0.1 (Vapnik 1998; Tipping 2001, section 4.1). */
export const sinc = (samples: number): Curve =>
  curve(5, { samples, values: 1, low: -10, high: 10 }, ([x], normal) => sincOf(x) + 0.1 * normal())

export const sincOf = (x: number): number => (x === 0 ? 1 : Math.sin(x) / x)

/** Franke's surface over the unit square, without noise (Franke 1979, p. 13). */
export const franke = (samples: number): Curve =>
  curve(6, { samples, values: 2, low: 0, high: 1 }, ([x, y]) => frankeOf(x, y))

export function frankeOf(x: number, y: number): number {
  const [a, b] = [9 * x, 9 * y]
  return (
    0.75 * Math.exp(-((a - 2) ** 2 + (b - 2) ** 2) / 4) +
    0.75 * Math.exp(-((a + 1) ** 2) / 49 - (b + 1) / 10) +
    0.5 * Math.exp(-((a - 7) ** 2 + (b - 3) ** 2) / 4) -
    0.2 * Math.exp(-((a - 4) ** 2) - (b - 7) ** 2)
  )
}

export const FRIEDMAN_INPUTS = 10

/**
 * 10 sin(π x₁ x₂) + 20 (x₃ - 1/2)² + 10 x₄ + 5 x₅ + n of ten inputs, uniform in [0, 1], of which five have no part in
 * it; n standard normal (Friedman 1991, section 4.3; scikit-learn's make_friedman1, noise 1).
 */
export const friedman = (samples: number): Curve =>
  curve(7, { samples, values: FRIEDMAN_INPUTS, low: 0, high: 1 }, (x, normal) => friedmanOf(x) + normal())

export const friedmanOf = (x: ArrayLike<number>): number =>
  10 * Math.sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4]
