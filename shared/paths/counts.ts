/**
 * How many paths of each length a residual network has (Veit et al. 2016), and the distribution by which theory shares
 * gradient energy between them.
 */

/** Beyond, exact counts are longer than anyone reads. */
export const MOST_COUNTED_BLOCKS = 1000

/**
 * Paths by length 0..L: the binomial coefficients of L, exact. A path takes part in the branch of each block or goes
 * past it.
 */
export function pathCounts(blocks: number): bigint[] {
  if (!Number.isInteger(blocks) || blocks < 0) throw new Error(`${blocks} is not a number of blocks`)
  const counts = [1n]
  for (let length = 1; length <= blocks; length++) {
    counts.push((counts[length - 1] * BigInt(blocks - length + 1)) / BigInt(length))
  }
  return counts
}

/** Mean and standard deviation of the length of a path drawn evenly: Binomial(L, 1/2). */
export function lengthByCount(blocks: number): { mean: number; deviation: number } {
  return { mean: blocks / 2, deviation: Math.sqrt(blocks) / 2 }
}

/** The share of all 2^L paths with a length from `from` to `to`, both included; summed exactly, rounded once. */
export function countShare(blocks: number, from: number, to: number): number {
  const counts = pathCounts(blocks)
  const some = counts.slice(Math.max(0, from), to + 1).reduce((sum, count) => sum + count, 0n)
  return overPowerOfTwo(some, blocks)
}

/** n / 2^exponent as the nearest number (to the last bit or so), whatever the size of n. */
export function overPowerOfTwo(n: bigint, exponent: number): number {
  const surplus = Math.max(0, n.toString(2).length - 64)
  return Number(n >> BigInt(surplus)) * 2 ** (surplus - exponent)
}

/**
 * The distribution of the number of successes of independent trials with these probabilities: Poisson-binomial, by
 * convolution. With p_k = f_k/(1 + f_k), f_k the factor by which block k's branch multiplies the squared gradient, it
 * is the distribution of gradient energy over path lengths.
 */
export function poissonBinomial(probabilities: readonly number[]): number[] {
  let shares = [1]
  for (const p of probabilities) {
    shares = [...shares, 0].map(
      (share, length) => share * (1 - p) + (length > 0 ? shares[length - 1] * p : 0),
    )
  }
  return shares
}

/** Mean and standard deviation of a Poisson-binomial length. */
export function lengthByEnergy(probabilities: readonly number[]): { mean: number; deviation: number } {
  const mean = probabilities.reduce((sum, p) => sum + p, 0)
  return { mean, deviation: Math.sqrt(probabilities.reduce((sum, p) => sum + p * (1 - p), 0)) }
}
