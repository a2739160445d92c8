import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { replaceFileNow } from '../../../files/write-now'
import { fromHalfBits, halfBits } from '../../../../shared/numerics/float16'
import { TYPE_BYTES, parseHeader, type ArrayType, type Entry } from './safetensors-header'

/** Types that are written. */
export type WrittenType = Extract<ArrayType, 'F32' | 'F16'>

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
  /** Types of numbers by name. */
  readonly types: ReadonlyMap<string, ArrayType>
  /**
   * One array's values, of float32, float16 or bfloat16.
   * @throws Error where there is none of this name, it is of another type, or the file cannot be read
   */
  values(name: string): Float32Array
  close(): void
}

const DECODERS: Partial<Record<ArrayType, (buffer: ArrayBuffer) => Float32Array>> = {
  F32: (buffer) => new Float32Array(buffer),
  F16: (buffer) => Float32Array.from(new Uint16Array(buffer), fromHalfBits),
  // The upper half of a float32.
  BF16: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
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
  type: WrittenType = 'F32',
  mode = 0o600,
): void {
  replaceFileNow(file, partsOf(metadata, arrays, type), mode)
}

function* partsOf(
  metadata: ReadonlyMap<string, string>,
  arrays: readonly ArraySource[],
  type: WrittenType,
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
 * @param parse the header's text
 * @throws Error in one line where the file is cut, damaged, or of another format
 */
export function openSafetensors(file: string, parse?: (text: string) => unknown): SafetensorsFile {
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
    const { metadata, entries, start } = parseHeader(size, read, parse)
    return {
      metadata,
      shapes: new Map([...entries].map(([name, { shape }]) => [name, shape])),
      types: new Map([...entries].map(([name, { dtype }]) => [name, dtype])),
      values(name) {
        const entry = entries.get(name)
        if (!entry) throw new Error(`it has no array "${name}"`)
        const decode = DECODERS[entry.dtype]
        if (!decode) throw new Error(`"${name}" is neither float32 nor float16`)
        const [from, to] = entry.data_offsets
        const bytes = new Uint8Array(to - from)
        read(start + from, bytes)
        return decode(bytes.buffer)
      },
      close: () => closeSync(handle),
    }
  } catch (error) {
    closeSync(handle)
    throw error
  }
}
