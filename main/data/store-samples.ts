import { createHash, type Hash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { formatBytes } from '../../shared/base/format'
import type { DataPart, DataSet, Labels, Target } from '../../shared/data/description'
import { scaleInSteps } from '../../shared/data/scale'
import { splitOrder } from '../../shared/data/split'
import { labelLength, rowsOf } from '../../shared/data/targets'
import { positions } from '../../shared/numerics/shape'
import { makePrivateFolder } from '../files/data-folder'
import { writeAll } from '../files/write-now'
import { removedAtEnd } from '../runtime/tools'
import { attended, type Attention } from './attention'
import { importedHere } from './leftovers'
import type { SampleStream } from './sample-stream'
import { StoredFile, StoredValues } from './stored-values'

/** The file of all values and labels (see `DataSet`). */
export const VALUES = 'values.bin'

/** Bytes that are brought into their order in memory at once. */
const BUCKET_BYTES = 2 ** 27
/** Of those that are gathered for one bucket before they are written. */
const BUFFER_BYTES = 2 ** 18

/** Samples in a file that nobody has kept yet. */
export interface StoredSamples extends Pick<DataSet, 'training' | 'test' | 'scale'> {
  sha256: string
  classNames: string[]
  targets?: Target[]
}

const forgetEnds = new Map<string, () => void>()

/** Removes what was stored and is not kept. */
export function discardSamples({ training }: Pick<DataSet, 'training'>): void {
  if (training.x instanceof StoredValues) discardFolder(path.dirname(training.x.file.path))
}

function discardFolder(folder: string): void {
  if (!forgetEnds.has(folder)) return
  fs.rmSync(folder, { recursive: true, force: true })
  forgetFolder(folder)
}

/** It is somebody else's from now on. */
export function forgetFolder(folder: string): void {
  forgetEnds.get(folder)?.()
  forgetEnds.delete(folder)
}

/**
 * Samples of a file, split by the seed, in a file of their own: what of them is in memory does not grow with their
 * values. They are written into buckets, stretches of the file to be, each of which is then brought into its order in
 * memory: the disk is read and written in long stretches only, whatever the order. In memory are labels and places,
 * ten bytes a sample that has a class.
 * @param folder of the data sets; they are in one beside them until they are kept or discarded
 * @throws InputError; the abort's error; nothing is left then
 */
export async function storeSamples(
  stream: SampleStream,
  {
    folder,
    test,
    seed,
    period,
    bucketBytes = BUCKET_BYTES,
  }: { folder: string; test: number; seed: number; period: number; bucketBytes?: number },
  attention: Attention,
): Promise<StoredSamples> {
  makePrivateFolder(folder)
  const own = fs.mkdtempSync(path.join(folder, importedHere()))
  forgetEnds.set(own, removedAtEnd(own))
  try {
    const file = path.join(own, VALUES)
    const handle = fs.openSync(file, 'wx+', 0o600)
    let found: { sha256: string; classNames: string[]; parts: [Labels, Labels] }
    try {
      found = await writeParts(handle, stream, { test, seed, bucketBytes }, attention)
      fs.fsyncSync(handle)
    } finally {
      fs.closeSync(handle)
    }
    const { sha256, classNames, parts } = found
    const [training, last] = storedParts(new StoredFile(file), stream, parts)
    const onRead = attended(attention, 'Mean and standard deviation', 2 * training.x.byteLength)
    const steps = scaleInSteps(training, period)
    for (;;) {
      const step = steps.next()
      if (step.done) {
        const { targets } = stream
        return {
          training,
          test: last,
          scale: step.value,
          sha256,
          classNames,
          ...(targets ? { targets } : {}),
        }
      }
      await onRead(step.value)
    }
  } catch (error) {
    discardFolder(own)
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    const rowBytes = stream.shape.units * positions(stream.shape) * (stream.isBytes ? 1 : 4)
    const needed = formatBytes(stream.samples * (rowBytes + labelBytes(stream)))
    throw new InputError(
      'data',
      `there is no room for ${needed} of samples on the disk of ${folder}`,
      'Make some.',
    )
  }
}

/** Bytes of what one sample is labelled with. */
export const labelBytes = (own: { targets?: readonly Target[] }): number =>
  labelLength(own) * (own.targets ? Float32Array.BYTES_PER_ELEMENT : 1)

/** Where both parts lie in a file. @param labels of training and test */
export function storedParts(
  file: StoredFile,
  { shape, isBytes, ...own }: Pick<SampleStream, 'shape' | 'isBytes'> & { targets?: readonly Target[] },
  [training, test]: readonly [Labels, Labels],
): [DataPart, DataPart] {
  const each = shape.units * positions(shape)
  const rowBytes = each * (isBytes ? 1 : 4)
  const rows = (y: Labels) => y.length / labelLength(own)
  const part = (y: Labels, start: number): DataPart => {
    return { x: new StoredValues(file, { isBytes, start, length: rows(y) * each }), y }
  }
  return [part(training, 0), part(test, rows(training) * (rowBytes + labelBytes(own)))]
}

/** Rows that lie next to each other in the file to be. */
interface Bucket {
  rows: number
  /** Bytes before them in the file. */
  start: number
  /** Bytes written. */
  written: number
  buffer: Buffer
  filled: number
}

async function writeParts(
  handle: number,
  stream: SampleStream,
  { test, seed, bucketBytes }: { test: number; seed: number; bucketBytes: number },
  attention: Attention,
) {
  const { samples, shape, isBytes } = stream
  const rowBytes = shape.units * positions(shape) * (isBytes ? 1 : 4)
  const cut = samples - test
  const each = Math.max(1, Math.floor(bucketBytes / rowBytes))
  const buckets: Bucket[] = []
  for (const [from, to, start] of [
    [0, cut, 0],
    [cut, samples, cut * (rowBytes + labelBytes(stream))],
  ]) {
    for (let row = from; row < to; row += each) {
      const buffer = Buffer.alloc(Math.max(1, Math.floor(BUFFER_BYTES / rowBytes)) * rowBytes)
      const rows = Math.min(each, to - row)
      buckets.push({ rows, start: start + (row - from) * rowBytes, written: 0, buffer, filled: 0 })
    }
  }
  const ofTraining = Math.ceil(cut / each)
  const order = splitOrder(samples, seed)
  const place = placesOf(order)
  /** Of each bucket's rows, one bucket after the other, as they are written: which one of the bucket it is to be. */
  const arrivals = new Int32Array(samples)
  const arrived = new Int32Array(buckets.length)
  const firstRow = (bucket: number) =>
    bucket < ofTraining ? bucket * each : cut + (bucket - ofTraining) * each
  let sample = 0
  for await (const { buffer, byteOffset, byteLength } of stream.pieces(attention)) {
    for (let at = 0; at < byteLength; at += rowBytes) {
      const row = place[sample++]
      const index = row < cut ? Math.floor(row / each) : ofTraining + Math.floor((row - cut) / each)
      const bucket = buckets[index]
      arrivals[firstRow(index) + arrived[index]++] = row - firstRow(index)
      bucket.buffer.set(new Uint8Array(buffer, byteOffset + at, rowBytes), bucket.filled)
      bucket.filled += rowBytes
      if (bucket.filled === bucket.buffer.length) flush(handle, bucket)
    }
  }
  const { y, classNames } = stream.labels()
  const length = labelLength(stream)
  const parts: [Labels, Labels] = [
    rowsOf(y, order.subarray(0, cut), length),
    rowsOf(y, order.subarray(cut), length),
  ]
  const bytesOf = ({ buffer, byteOffset, byteLength }: Labels) =>
    new Uint8Array(buffer, byteOffset, byteLength)

  const onSorted = attended(attention, 'Putting samples into the split’s order', samples * rowBytes)
  const sum = createHash('sha256')
  const largest = Math.max(...buckets.map(({ rows }) => rows)) * rowBytes
  const [before, after] = [Buffer.allocUnsafe(largest), Buffer.allocUnsafe(largest)]
  for (const [index, bucket] of buckets.entries()) {
    flush(handle, bucket)
    if (index === ofTraining) writeHashed(handle, sum, bytesOf(parts[0]), cut * rowBytes)
    const bytes = bucket.rows * rowBytes
    const [read, sorted] = [before.subarray(0, bytes), after.subarray(0, bytes)]
    readAll(handle, read, bucket.start)
    for (let i = 0; i < bucket.rows; i++) {
      const row = arrivals[firstRow(index) + i]
      read.copy(sorted, row * rowBytes, i * rowBytes, (i + 1) * rowBytes)
    }
    writeHashed(handle, sum, sorted, bucket.start)
    await onSorted(bytes)
  }
  writeHashed(handle, sum, bytesOf(parts[1]), samples * rowBytes + cut * labelBytes(stream))
  return { sha256: sum.digest('hex'), classNames, parts }
}

/** Where each sample comes to stand. */
function placesOf(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length)
  order.forEach((sample, row) => (places[sample] = row))
  return places
}

function flush(handle: number, bucket: Bucket): void {
  writeAll(handle, bucket.buffer.subarray(0, bucket.filled), bucket.start + bucket.written)
  bucket.written += bucket.filled
  bucket.filled = 0
}

function writeHashed(handle: number, sum: Hash, bytes: Uint8Array, at: number): void {
  writeAll(handle, bytes, at)
  sum.update(bytes)
}

function readAll(handle: number, into: Buffer, from: number): void {
  for (let done = 0; done < into.length;)
    done += fs.readSync(handle, into, done, into.length - done, from + done)
}
