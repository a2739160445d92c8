import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import type { DataPart } from './description'

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
 * @param test how many
 * @param seed the same one gives the same parts
 */
export function splitSamples<X extends Float32Array | Uint8Array>(
  x: X,
  y: Uint8Array,
  test: number,
  seed: number,
): { training: DataPart & { x: X }; test: DataPart & { x: X } } {
  const length = x.length / y.length
  const order = splitOrder(y.length, seed)
  const part = (samples: Int32Array) => {
    const values = (
      x instanceof Uint8Array
        ? new Uint8Array(samples.length * length)
        : new Float32Array(samples.length * length)
    ) as X
    samples.forEach((sample, i) => values.set(x.subarray(sample * length, (sample + 1) * length), i * length))
    return { x: values, y: Uint8Array.from(samples, (sample) => y[sample]) }
  }
  const cut = y.length - test
  return { training: part(order.subarray(0, cut)), test: part(order.subarray(cut)) }
}
