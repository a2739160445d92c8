/** How far the order of one list is that of another. */
export interface RankCorrelation {
  /** From -1, the reverse order, to 1, the same; NaN where one list has only one value. */
  rho: number
  /** Pairs. */
  n: number
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, equal values sharing the mean of their ranks
 * (Spearman 1904). @param x, y of equal length, without NaN
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): RankCorrelation {
  const n = x.length
  const [a, b] = [ranksOf(x), ranksOf(y)]
  const mean = (n + 1) / 2
  const product = (one: number[], other: number[]) =>
    one.reduce((sum, rank, i) => sum + (rank - mean) * (other[i] - mean), 0)
  return { rho: product(a, b) / Math.sqrt(product(a, a) * product(b, b)), n }
}

/** From 1 on. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j])
  const ranks = new Array<number>(values.length)
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]] === values[order[from]]) to++
    for (let at = from; at < to; at++) ranks[order[at]] = (from + to + 1) / 2
  }
  return ranks
}
