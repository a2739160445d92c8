import { gaussLegendre } from '../numerics/gauss-legendre'

/**
 * How a unit's values over a batch of B scatter around their mean square, for a unit whose values are, but for their
 * mean, a vector of d = B - 1 dimensions in all directions alike: the sum of one of fixed length, which a batch norm
 * has made (the share `normalised` of the expected variance), and an independent Gaussian. Its squared length r² is a
 * noncentral χ² of d degrees of freedom, with λ = normalised d/(1 - normalised).
 */
export interface BatchScatter {
  /**
   * v E[1/v̂], v̂ the batch's variance and v its expectation: (B - 1)/(B - 3) of a Gaussian, since E[1/χ²_d] =
   * 1/(d - 2); 1 where a norm has fixed the length. Infinite for a Gaussian's batch of three or fewer.
   */
  inverse: number
  /**
   * E[sin²θ/r²]/E[1/r²], θ the angle between the vector and its part of fixed length: how much of a gradient of mean
   * square 1 in each direction, less the direction of the vector itself, lies along that part.
   */
  aslant: number
}

/** @param batch B, with positions; may be infinite. @param normalised from 0 to 1 */
export function batchScatter(batch: number, normalised = 0): BatchScatter {
  const d = batch - 1
  const own = Math.max(0, 1 - normalised)
  if (d === Infinity) return { inverse: 1, aslant: own }
  if (own < 1e-12) return { inverse: 1, aslant: 0 }
  if (d <= 2) return { inverse: Infinity, aslant: (d - 1) / d }
  if (normalised <= 0) return { inverse: d / (d - 2), aslant: (d - 1) / d }
  const key = `${batch}/${normalised}`
  const before = known.get(key)
  if (before) return before
  if (known.size >= MOST_KNOWN) known.clear()
  const made = partlyFixed(d, normalised, own)
  known.set(key, made)
  return made
}

/** It is wanted again by every norm of a block, going forward and back, and whenever somebody edits. */
const known = new Map<string, BatchScatter>()
const MOST_KNOWN = 4096

/** Of d dimensions, where a share of the variance is of fixed length and `own` is Gaussian. */
function partlyFixed(d: number, normalised: number, own: number): BatchScatter {
  const halfLambda = (normalised * d) / own / 2
  const first = decaying(d / 2 - 1, halfLambda)
  const second = decaying(d / 2, halfLambda)
  // 1/r² = ∫ e^(-t r²) dt and 1/r⁴ = ∫ t e^(-t r²) dt, with y = 1/(1 + 2 t s²) for a Gaussian of variance s².
  return { inverse: (d * first) / (2 * own), aslant: ((d - 1) / 2) * (1 - second / first) }
}

/** ∫ from 0 to 1 of y^(a-1) e^(-x(1-y)) dy, a > 0 and x ≥ 0: both factors decay away from y = 1. */
function decaying(a: number, x: number): number {
  const edges = [0]
  for (let edge = 0.5 / (a + x); edge < 0.75; edge *= 1.5) edges.push(edge)
  // A fractional power of y near 0: panels that shrink towards it.
  for (let left = 0.25; left > 1e-6; left /= 4) edges.push(1 - left)
  edges.push(1)
  return gaussLegendre(
    (z) => Math.exp((a - 1) * Math.log1p(-z) - x * z),
    [...new Set(edges)].sort((p, q) => p - q),
  )
}
