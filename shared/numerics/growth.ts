/** How a mean square changes per block. */
export interface Growth {
  /** Geometric mean of the ratios of neighbouring blocks. */
  ratio: number
  /** Smallest and largest of single seeds; absent for one seed. */
  seeds?: { low: number; high: number }
  /** Over so many blocks: fewer than the network has where the values stop being finite (or become 0). */
  blocks: number
}

/**
 * The geometric mean of x_1/x_0, x_2/x_1, …, which is (last/first)^(1/blocks), up to the last value before the first
 * that is not finite and positive; null where there is no ratio at all.
 * @param values in the order of travel: from h_0 up, or from the top's gradient down
 */
export function growthPerBlock(values: ArrayLike<number>): Growth | null {
  let blocks = 0
  const isUsable = (k: number) => k < values.length && values[k] > 0 && values[k] < Infinity
  if (!isUsable(0)) return null
  while (isUsable(blocks + 1)) blocks++
  // In logarithms: a ratio of 1e60 to 1e-300 has no place in a number.
  return blocks
    ? { ratio: Math.exp((Math.log(values[blocks]) - Math.log(values[0])) / blocks), blocks }
    : null
}
