import { addTo, identity, squared, times, trace, transposed, zeros, type Matrix } from '../numerics/matrix'
import type { BlockJacobian } from './jacobians'

/** What the terms of one length come to. */
export interface LengthGroup {
  /** Squared Frobenius norm of the terms' sum. */
  sumSquared: number
  /** Sum of the terms' squared Frobenius norms. */
  squares: number
}

export interface Expansion {
  /** By length 0..L: factors through branches. */
  groups: LengthGroup[]
  /** Sum of all terms. */
  total: Matrix
  /**
   * Frobenius norm of each term by number: bit i says whether it goes through the branch of the i-th block. Null: not
   * listed.
   */
  norms: Float64Array | null
}

/** Listing every term stops here: 4,096 of them. */
export const MOST_LISTED_BLOCKS = 12

type Split = Pick<BlockJacobian, 'skip' | 'branch'>

/**
 * The product of the blocks' (skip + branch), the last block on the left, expanded into all its terms one by one.
 * @param start what stands on the right of every term
 */
export function expandTerms(blocks: readonly Split[], start: Matrix): Expansion {
  const { n } = start
  const sums = blocks.map(() => zeros(n)).concat(zeros(n))
  const squares = new Array<number>(blocks.length + 1).fill(0)
  const norms = new Float64Array(2 ** blocks.length)
  const visit = (k: number, mask: number, length: number, product: Matrix) => {
    if (k === blocks.length) {
      const square = squared(product)
      norms[mask] = Math.sqrt(square)
      squares[length] += square
      addTo(sums[length], product)
      return
    }
    const { skip, branch } = blocks[k]
    if (skip) visit(k + 1, mask, length, times(skip, product))
    visit(k + 1, mask + 2 ** k, length + 1, times(branch, product))
  }
  visit(0, 0, 0, start)
  return { ...summed(sums, squares), norms }
}

/**
 * The expansion by length alone, for any depth, without listing terms: sums by length obey
 * G_k(l) = skip G_{k-1}(l) + branch
 * G_{k-1}(l-1), and so do, with a factor on either side, the sums of T Tᵀ whose traces are the sums of squares.
 */
export function expandByLength(blocks: readonly Split[], start: Matrix): Expansion {
  const { n } = start
  let sums = [start]
  let seconds = [times(start, transposed(start))]
  for (const { skip, branch } of blocks) {
    const [skipT, branchT] = [skip && transposed(skip), transposed(branch)]
    sums = next(
      n,
      sums,
      (sum) => skip && times(skip, sum),
      (sum) => times(branch, sum),
    )
    seconds = next(
      n,
      seconds,
      (second) => skip && times(times(skip, second), skipT!),
      (second) => times(times(branch, second), branchT),
    )
  }
  return { ...summed(sums, seconds.map(trace)), norms: null }
}

function next(
  n: number,
  before: Matrix[],
  past: (m: Matrix) => Matrix | null,
  through: (m: Matrix) => Matrix,
) {
  const after = Array.from({ length: before.length + 1 }, () => zeros(n))
  before.forEach((m, length) => {
    const kept = past(m)
    if (kept) addTo(after[length], kept)
    addTo(after[length + 1], through(m))
  })
  return after
}

function summed(sums: Matrix[], squares: number[]): Pick<Expansion, 'groups' | 'total'> {
  const total = zeros(sums[0].n)
  sums.forEach((sum) => addTo(total, sum))
  return {
    total,
    groups: sums.map((sum, length) => ({ sumSquared: squared(sum), squares: squares[length] })),
  }
}

/** All terms of dy/dx. */
export const expandNetwork = (blocks: readonly Split[], listed: boolean): Expansion =>
  (listed ? expandTerms : expandByLength)(blocks, identity(blocks[0].branch.n))

/** All terms of dy/df1: what follows the first sum, then the blocks from the second on. */
export const expandFromFirst = (blocks: readonly BlockJacobian[]): Expansion =>
  expandTerms(blocks.slice(1), blocks[0].after)
