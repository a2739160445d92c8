import type { Numbers, Values } from './description'

/** Numbers of one piece, about. */
const PIECE = 2 ** 20

/**
 * All values, piece by piece, so that those of a file are never in memory together; those in memory are not copied.
 * @param period each piece begins at a multiple of it, and has all values up to the next one
 */
export function* piecesOf(values: Values, period = 1): Generator<Numbers, void> {
  const each = Math.max(1, Math.floor(PIECE / period)) * period
  for (let from = 0; from < values.length; from += each)
    yield values.subarray(from, Math.min(from + each, values.length))
}

/** What a piece of work comes to that says how far it is on its way, all of it at once. */
export function finished<Result>(work: Generator<number, Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
