import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { replaceFileNow } from '../../../files/write-now'
import { fromHalfBits, halfBits } from '../../../../shared/numerics/float16'
import { TYPE_BYTES, parseHeader, type ArrayType, type Entry } from './safetensors-header'

export type { ArrayType }

/**
 * Named arrays in one file, in the safetensors format (Hugging Face, github.com/huggingface/safetensors): eight bytes
 * with the length of a header (unsigned, little-endian), the header, and the arrays' bytes without gaps, row-major,
 * little-endian. The header is JSON: for each name `{dtype, shape, data_offsets: [from, to]}`, and under
 * `__metadata__` texts by name. It is padded with spaces so that the arrays begin at a multiple of eight bytes.
 */

/** An array that is still to be written: its values are asked for when their turn comes. */
export interface ArraySource {
  name: string
  shape: readonly number[]
  /** Float32, as many as the shape says. */
  values(): Float32Array
}

/** A file that was read as far as its header. */
export interface SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>
  /** Shapes by name, in the order of the file. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  /** One array's values, of either type. @throws Error where there is none of this name, or the file cannot be read */
  values(name: string): Float32Array
  close(): void
}

/**
 * Writes a file in whole or not at all; the old one stays until then.
 * @param mode of a new file
 * @throws Error of the system, such as ENOSPC
 */
export function writeSafetensors(
  file: string,
  metadata: ReadonlyMap<string, string>,
  arrays: readonly ArraySource[],
  type: ArrayType = 'F32',
  mode = 0o600,
): void {
  replaceFileNow(file, partsOf(metadata, arrays, type), mode)
}

function* partsOf(
  metadata: ReadonlyMap<string, string>,
  arrays: readonly ArraySource[],
  type: ArrayType,
): Generator<Uint8Array> {
  let end = 0
  const entries = arrays.map(({ name, shape }): [string, Entry] => {
    const from = end
    end += TYPE_BYTES[type] * shape.reduce((product, size) => product * size, 1)
    return [name, { dtype: type, shape: [...shape], data_offsets: [from, end] }]
  })
  // `fromEntries` takes names as they are, "__proto__" too.
  const header = Object.fromEntries<unknown>([['__metadata__', Object.fromEntries(metadata)], ...entries])
  if (Object.keys(header).length !== arrays.length + 1) throw new Error('safetensors: a name is there twice')
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 7, ' ')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  yield length
  yield padded
  for (const [i, { name, values }] of arrays.entries()) {
    const own = type === 'F32' ? values() : Uint16Array.from(values(), halfBits)
    const [from, to] = entries[i][1].data_offsets
    if (own.byteLength !== to - from) throw new Error(`safetensors: ${name} has another size than its shape`)
    yield new Uint8Array(own.buffer, own.byteOffset, own.byteLength)
  }
}

/**
 * Opens a file for reading; close it afterwards.
 * @throws Error in one line where the file is cut, damaged, or of another format
 */
export function openSafetensors(file: string): SafetensorsFile {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const read = (from: number, bytes: Uint8Array) => {
      let at = 0
      while (at < bytes.length) {
        const count = readSync(handle, bytes, at, bytes.length - at, from + at)
        if (count === 0) throw new Error('it ends too early')
        at += count
      }
    }
    const { metadata, entries, start } = parseHeader(size, read)
    return {
      metadata,
      shapes: new Map([...entries].map(([name, { shape }]) => [name, shape])),
      values(name) {
        const entry = entries.get(name)
        if (!entry) throw new Error(`it has no array "${name}"`)
        const [from, to] = entry.data_offsets
        const bytes = new Uint8Array(to - from)
        read(start + from, bytes)
        if (entry.dtype === 'F32') return new Float32Array(bytes.buffer)
        return Float32Array.from(new Uint16Array(bytes.buffer), fromHalfBits)
      },
      close: () => closeSync(handle),
    }
  } catch (error) {
    closeSync(handle)
    throw error
  }
}
