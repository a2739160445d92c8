import { fromHalfBits, halfBits } from '../../../../shared/numerics/float16'
import type { OpenedFile } from '../run-folder'
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
export interface ArraySource<Values = Float32Array> {
  name: string
  shape: readonly number[]
  /** Float32, as many as the shape says. */
  values(): Values
}

/** One whose values a device gives up later. */
export type LaterSource = ArraySource<Promise<Float32Array>>

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

/** The bytes of a file, part by part. @param type of all numbers */
export function* partsOf(
  metadata: ReadonlyMap<string, string>,
  arrays: readonly ArraySource[],
  type: WrittenType,
): Generator<Uint8Array> {
  const { head, bytesOf } = planOf(metadata, arrays, type)
  yield head
  for (const [i, { values }] of arrays.entries()) yield bytesOf(i, values())
}

/** As `partsOf`, of float32 that is waited for. */
export async function* laterPartsOf(
  metadata: ReadonlyMap<string, string>,
  arrays: readonly LaterSource[],
): AsyncGenerator<Uint8Array> {
  const { head, bytesOf } = planOf(metadata, arrays, 'F32')
  yield head
  for (const [i, { values }] of arrays.entries()) yield bytesOf(i, await values())
}

/** What stands before the arrays, and the bytes of each, given its values. */
function planOf(
  metadata: ReadonlyMap<string, string>,
  arrays: readonly Omit<ArraySource, 'values'>[],
  type: WrittenType,
) {
  let end = 0
  const entries = arrays.map(({ name, shape }): [string, Entry] => {
    const from = end
    end += TYPE_BYTES[type] * shape.reduce((product, size) => product * size, 1)
    return [name, { dtype: type, shape: [...shape], data_offsets: [from, end] }]
  })
  // `fromEntries` takes names as they are, "__proto__" too.
  const header = Object.fromEntries<unknown>([['__metadata__', Object.fromEntries(metadata)], ...entries])
  if (Object.keys(header).length !== arrays.length + 1) throw new Error('safetensors: a name is there twice')
  const text = new TextEncoder().encode(JSON.stringify(header))
  const padded = text.length + (-text.length & 7)
  const head = new Uint8Array(8 + padded).fill(' '.charCodeAt(0))
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(text, 8)
  const bytesOf = (i: number, values: Float32Array): Uint8Array => {
    const own = type === 'F32' ? values : Uint16Array.from(values, halfBits)
    const [name, { data_offsets: place }] = entries[i]
    if (own.byteLength !== place[1] - place[0])
      throw new Error(`safetensors: ${name} has another size than its shape`)
    return new Uint8Array(own.buffer, own.byteOffset, own.byteLength)
  }
  return { head, bytesOf }
}

/**
 * Reads a file as far as its header; it is closed with what is returned, or where this fails.
 * @param parse the header's text
 * @throws Error in one line where the file is cut, damaged, or of another format
 */
export function readSafetensors(file: OpenedFile, parse?: (text: string) => unknown): SafetensorsFile {
  try {
    const { metadata, entries, start } = parseHeader(
      file.size,
      (from, bytes) => file.read(from, bytes),
      parse,
    )
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
        file.read(start + from, bytes)
        return decode(bytes.buffer)
      },
      close: () => file.close(),
    }
  } catch (error) {
    file.close()
    throw error
  }
}
