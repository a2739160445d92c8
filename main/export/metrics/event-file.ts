/**
 * TensorBoard's event files: records of TFRecord (tensorflow/core/lib/io/record_writer.h), each a message `Event`
 * (tensorflow/core/util/event.proto) in protocol buffers.
 */
import { doubleField, field, floatField, numberField, textField } from '../../trainer/compile/protobuf'

/** One value under a tag: a number, or a histogram over many. */
export interface TaggedValue {
  tag: string
  step: number
  value: number | Histogram
  /** What TensorBoard shows beside the chart, once a tag. */
  description?: string
}

/** Counts of values in bins with these upper ends, ascending. */
export interface Histogram {
  min: number
  max: number
  count: number
  sum: number
  sumOfSquares: number
  ends: number[]
  counts: number[]
}

const FILE_VERSION = 'brain.Event:2'

/** A whole file. @param time of all events, in seconds since 1970 */
export function* eventFile(time: number, values: Iterable<TaggedValue>): Generator<Uint8Array> {
  yield record([doubleField(1, time), textField(3, FILE_VERSION)])
  for (const { tag, step, value, description } of values) {
    const summary = field(1, [
      textField(1, tag),
      ...(typeof value === 'number' ? [floatField(2, value)] : [field(5, histogramParts(value))]),
      ...(description ? [field(9, [textField(3, description)])] : []),
    ])
    yield record([doubleField(1, time), numberField(2, step), field(5, [summary])])
  }
}

const histogramParts = ({ min, max, count, sum, sumOfSquares, ends, counts }: Histogram) => [
  ...[min, max, count, sum, sumOfSquares].map((value, i) => doubleField(i + 1, value)),
  field(6, [doubles(ends)]),
  field(7, [doubles(counts)]),
]

const doubles = (values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer)

/** Finite values in equal bins from the least to the largest, as many as Sturges’ rule says; null: there are none. */
export function histogramOf(values: ArrayLike<number>): Histogram | null {
  let [min, max, sum, sumOfSquares, count] = [Infinity, -Infinity, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!Number.isFinite(value)) continue
    if (value < min) min = value
    if (value > max) max = value
    sum += value
    sumOfSquares += value * value
    count++
  }
  if (count === 0) return null
  const bins = max > min ? Math.ceil(Math.log2(count)) + 1 : 1
  const width = (max - min) / bins
  const ends = Array.from({ length: bins }, (_, i) => (i === bins - 1 ? max : min + (i + 1) * width))
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue
    counts[width > 0 ? Math.min(bins - 1, Math.floor((values[i] - min) / width)) : 0]++
  }
  return { min, max, count, sum, sumOfSquares, ends, counts }
}

// ---- Records ------------------------------------------------------------------------------------------------------

/** Length, the length's checksum, the data and theirs; all little-endian. */
function record(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const bytes = Buffer.alloc(length + 16)
  bytes.writeBigUInt64LE(BigInt(length), 0)
  bytes.writeUInt32LE(masked(bytes.subarray(0, 8)), 8)
  let at = 12
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  bytes.writeUInt32LE(masked(bytes.subarray(12, at)), at)
  return bytes
}

/** CRC-32C with its bits turned and shifted, so that a checksum of data that hold checksums is none of theirs. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** Castagnoli's polynomial, bits reversed. Node has CRC-32 alone, and not in the oldest that the bundles meet. */
const POLYNOMIAL = 0x82f63b78
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1
  return rest
})

/** The CRC-32C of bytes (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
