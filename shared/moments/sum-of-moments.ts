import { gridMoments, gridOf } from './grid-moments'
import { NoTheory, type GridMoments, type Moments } from './moments'

/** One term of a linear combination: its moments before the factor. */
export type MomentsTerm = Moments & { factor: number }

/**
 * Moments of Σ factor × term, terms uncorrelated but for their means. Where positions differ, a value meets the means
 * at its own position: the mean square is that of the positions' mean squares, E_s[(Σ x(s))²], and no product of means
 * over all of them. Two samples at any two positions (GridMoments) share the latter.
 * @param size samples S of a sum of nothing
 * @throws NoTheory where terms depend on each other
 */
export function sumOfMoments(terms: readonly MomentsTerm[], size: number): Moments {
  const sources = new Set<string>()
  for (const term of terms) {
    // Without a linear layer in between, both are functions of the same coordinate.
    if ([...term.sources].some((source) => sources.has(source)))
      throw new NoTheory('a sum whose sides depend on each other, with no linear layer in between')
    term.sources.forEach((source) => sources.add(source))
  }
  const mean = new Float64Array(size)
  const kernel = new Float64Array(size * size)
  for (const term of terms) {
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        const cross =
          product(mean[a], term.factor * term.mean[b]) + product(term.factor * term.mean[a], mean[b])
        kernel[a * size + b] += term.factor ** 2 * term.kernel[a * size + b] + cross
      }
    }
    for (let a = 0; a < size; a++) mean[a] += term.factor * term.mean[a]
  }
  const square = ({ factor, kernel }: MomentsTerm) => factor ** 2 * kernel[0]
  const all = terms.reduce((sum, term) => sum + square(term), 0)
  const normal = terms.reduce((sum, term) => sum + square(term) * (term.normalised ?? 0), 0)
  const rest = {
    gaussian: terms.every(({ gaussian }) => gaussian),
    sources,
    normalised: all > 0 && all < Infinity ? normal / all : 0,
  }
  const grid = gridSum(terms)
  return grid ? gridMoments(grid, kernel[1], rest) : { mean, kernel, ...rest }
}

/** Mean squares and means of the sum at each position; undefined where all are alike. */
function gridSum(terms: readonly MomentsTerm[]): GridMoments | undefined {
  const places = terms.find(({ grid }) => grid)?.grid!.square.length
  if (!places) return undefined
  const square = new Float64Array(places)
  const mean = new Float64Array(places)
  for (const term of terms) {
    const grid = gridOf(term, places)
    for (let s = 0; s < places; s++) {
      const own = term.factor * grid.mean[s]
      square[s] += term.factor ** 2 * grid.square[s] + 2 * product(mean[s], own)
      mean[s] += own
    }
  }
  return { square, mean, isShared: terms.some(({ grid }) => grid?.isShared) }
}

/** A product of means: nothing times a mean beyond float64 is nothing. */
const product = (a: number, b: number) => (a === 0 || b === 0 ? 0 : a * b)
