import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import type { DataPart, Labels } from './description'
import { rowsOf } from './targets'

/** What may come beside a seed of its own in the key of a data set's stream. */
const SPLIT = 0
const DRAW = 1

/** The numbers that a generated data set is made of: always the same ones, whatever an experiment's seed. */
export const drawing = (ordinal: number): Random => new Random(ordinal, STREAM.dataSets, DRAW)

/** The order in which samples are split, the last of them for the test. @param seed the same gives the same parts */
export const splitOrder = (samples: number, seed: number): Int32Array =>
  new Random(seed, STREAM.dataSets, SPLIT).permutation(samples)

/**
 * Samples in a random order, the last of them for the test.
 * @param x [samples, values]
 * @param y [samples] labels, or [samples, targets]
 * @param test how many
 * @param seed the same one gives the same parts
 * @param count of all samples
 */
export function splitSamples<X extends Float32Array | Uint8Array>(
  x: X,
  y: Labels,
  test: number,
  seed: number,
  count = y.length,
): { training: DataPart & { x: X }; test: DataPart & { x: X } } {
  const order = splitOrder(count, seed)
  const part = (samples: Int32Array) => ({
    x: rowsOf(x, samples, x.length / count),
    y: rowsOf(y, samples, y.length / count),
  })
  const cut = count - test
  return { training: part(order.subarray(0, cut)), test: part(order.subarray(cut)) }
}
