import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { CIFAR_RECORD, CIFAR_SHAPE, cifarRecords, parseCifar } from '../../shared/data/readers/cifar'
import type { ArrayHeader } from '../../shared/data/readers/idx'
import type { Target } from '../../shared/data/description'
import { classesOf, samplesOf, type Labelled, type OwnLabels } from '../../shared/data/readers/labelled'
import { TableScan, type TableOptions } from '../../shared/data/readers/table'
import { positions, vector, type Shape } from '../../shared/numerics/shape'
import { attended, type Attention } from './attention'
import { PIECE_BYTES } from './file-bytes'
import { rowsOf } from './table-rows'

/** Samples of a file of which pieces are read, so that it need not fit into memory. */
export interface SampleStream {
  shape: Shape
  samples: number
  /** Whether values are bytes, else float32. */
  isBytes: boolean
  /** Absent: samples have classes. */
  targets?: Target[]
  /** What was done to them, one sentence each. */
  notes: string[]
  /** Bytes of the file, all of which is read. */
  size: number
  /** Values of whole samples, in the order of the file. @throws InputError; the abort's error */
  pieces(attention: Attention): AsyncGenerator<Uint8Array | Float32Array, void>
  /** Known once all pieces were read. @throws InputError */
  labels(): OwnLabels
}

/** All of them in memory. @throws as the stream */
export async function collected(stream: SampleStream, attention: Attention): Promise<Labelled> {
  const { shape, samples, isBytes } = stream
  const x = new (isBytes ? Uint8Array : Float32Array)(samples * shape.units * positions(shape))
  let at = 0
  for await (const piece of stream.pieces(attention)) {
    x.set(piece, at)
    at += piece.length
  }
  return { shape, x, ...stream.labels() }
}

/** An array in the form of NPY or IDX, and labels that are in memory. @throws InputError where it holds no samples */
export function arrayStream(file: string, header: ArrayHeader, labels: OwnLabels): SampleStream {
  const where = path.basename(file)
  const { shape: dimensions, start, bytes, decode } = header
  const { shape, x } = samplesOf({ shape: dimensions, values: decode(new Uint8Array()) }, where)
  const size = fs.statSync(file).size
  return {
    ...{ shape, samples: dimensions[0], isBytes: x instanceof Uint8Array, notes: [], size },
    targets: labels.targets,
    labels: () => labels,
    async *pieces(attention) {
      const rowBytes = bytes * shape.units * positions(shape)
      let first = 0
      for await (const piece of records(file, { start, rowBytes, count: dimensions[0] }, attention)) {
        const own = [piece.length / rowBytes, ...dimensions.slice(1)]
        yield samplesOf({ shape: own, values: decode(piece) }, where, first).x
        first += own[0]
      }
    },
  }
}

/** A file in CIFAR-10's binary form. @throws InputError where it is not as long as records are */
export function cifarStream(file: string): SampleStream {
  const where = path.basename(file)
  const size = fs.statSync(file).size
  const samples = cifarRecords(size, where)
  const y = new Uint8Array(samples)
  return {
    ...{ shape: CIFAR_SHAPE, samples, isBytes: true, notes: [], size },
    labels: () => classesOf(y, where),
    async *pieces(attention) {
      let first = 0
      const of = { start: 0, rowBytes: CIFAR_RECORD, count: samples }
      for await (const piece of records(file, of, attention)) {
        const found = parseCifar(piece, where, first)
        y.set(found.y, first)
        first += found.y.length
        yield found.x
      }
    },
  }
}

/** A table of text, read twice: first for what its columns hold. @throws InputError; the abort's error */
export async function tableStream(
  file: string,
  { separator, ...options }: TableOptions & { separator?: string },
  attention: Attention,
): Promise<SampleStream> {
  const where = path.basename(file)
  const scan = new TableScan(options, where)
  const size = fs.statSync(file).size
  const onScan = attended(attention, `Looking through ${where}`, size)
  for await (const row of rowsOf(file, separator, onScan)) scan.add(row)
  const { samples, length, classNames, targets, notes, hasHeader, take } = scan.finish()
  const y = targets ? new Float32Array(samples) : new Uint8Array(samples)
  return {
    ...{ shape: vector(length), samples, isBytes: false, notes, size },
    targets,
    labels: () => ({ y, classNames, targets }),
    async *pieces(again) {
      const most = Math.max(1, Math.floor(PIECE_BYTES / (4 * length)))
      let x = new Float32Array(most * length)
      let [first, count] = [0, hasHeader ? -1 : 0]
      const onRead = attended(again, `Reading ${where}`, size)
      for await (const row of rowsOf(file, separator, onRead)) {
        if (count >= 0) {
          const label = take(row, x, count * length)
          if (label === undefined || Number.isNaN(label) || first + count >= samples) throw changed(where)
          y[first + count] = label
        }
        if (++count < most) continue
        yield x
        x = new Float32Array(most * length)
        first += count
        count = 0
      }
      if (first + count !== samples) throw changed(where)
      if (count > 0) yield x.subarray(0, count * length)
    },
  }
}

const changed = (where: string) =>
  new InputError(where, 'it was changed while it was read', 'Import it again once nobody writes into it.')

/** Whole records of a file, about a piece at a time. */
async function* records(
  file: string,
  { start, rowBytes, count }: { start: number; rowBytes: number; count: number },
  attention: Attention,
): AsyncGenerator<Uint8Array, void> {
  const where = path.basename(file)
  const each = Math.max(1, Math.floor(PIECE_BYTES / rowBytes))
  const onRead = attended(attention, `Reading ${where}`, count * rowBytes)
  const handle = await fs.promises.open(file, 'r')
  try {
    for (let at = 0; at < count; at += each) {
      const bytes = Buffer.allocUnsafe(Math.min(each, count - at) * rowBytes)
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await handle.read(
          bytes,
          done,
          bytes.length - done,
          start + at * rowBytes + done,
        )
        if (bytesRead === 0) throw changed(where)
        done += bytesRead
      }
      yield bytes
      await onRead(bytes.length)
    }
  } finally {
    await handle.close()
  }
}
