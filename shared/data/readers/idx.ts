import { InputError } from '../../base/errors'

/** An array out of a file, of whatever form. */
export interface FileArray {
  shape: number[]
  values: Uint8Array | Float32Array | Float64Array
}

/** What a file says of its array, and how the values are read that follow. */
export interface ArrayHeader {
  shape: number[]
  /** Bytes before the first value. */
  start: number
  /** Bytes of one value. */
  bytes: number
  /** Values of a piece of the file. */
  decode(piece: Uint8Array): FileArray['values']
}

/** By the type's code in an IDX file: bytes of a value, and how one is read. */
const TYPES: Record<number, { bytes: number; read: (view: DataView, at: number) => number }> = {
  0x08: { bytes: 1, read: (view, at) => view.getUint8(at) },
  0x09: { bytes: 1, read: (view, at) => view.getInt8(at) },
  0x0b: { bytes: 2, read: (view, at) => view.getInt16(at) },
  0x0c: { bytes: 4, read: (view, at) => view.getInt32(at) },
  0x0d: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  0x0e: { bytes: 8, read: (view, at) => view.getFloat64(at) },
}

const UNSIGNED_BYTES = 0x08

/** Whether a file begins as one in the IDX form does. */
export const isIdx = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] in TYPES && bytes[3] >= 1 && bytes[3] <= 4

/**
 * An array in the IDX form (LeCun, "The MNIST database": two zeros, the type, the number of dimensions, each as four
 * bytes, the values; all big-endian).
 * @param where the file's name @throws InputError where it is none, or not as long as it says
 */
export function parseIdx(bytes: Uint8Array, where: string): FileArray {
  const { shape, start, decode } = idxHeader(bytes, bytes.length, where)
  return { shape, values: decode(bytes.subarray(start)) }
}

/**
 * The header alone. @param bytes the beginning of the file, at least 20 bytes of it if it has as many
 * @param size bytes of the whole file @throws InputError where it is none, or not as long as it says
 */
export function idxHeader(bytes: Uint8Array, size: number, where: string): ArrayHeader {
  if (!isIdx(bytes)) {
    throw new InputError(
      where,
      'this is no IDX file',
      'It begins with two zeros, a type and the number of dimensions.',
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const type = TYPES[bytes[2]]
  const dimensions = bytes[3]
  const start = 4 + 4 * dimensions
  if (bytes.length < start) throw cutOff(where, `the file ends inside its header of ${start} bytes`)
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i))
  const count = shape.reduce((product, one) => product * one, 1)
  const expected = start + count * type.bytes
  if (size !== expected) {
    const each = (count / shape[0]) * type.bytes
    const record = Math.floor((size - start) / each) + 1
    const of = `expected ${shape[0]} records of ${each.toLocaleString('en')} bytes`
    throw size < expected
      ? cutOff(where, `${of}, the file ends inside record ${record}`)
      : cutOff(where, `${of}, and ${size - expected} bytes more follow`)
  }
  const isBytes = bytes[2] === UNSIGNED_BYTES
  return {
    ...{ shape, start, bytes: type.bytes },
    decode(piece) {
      if (isBytes) return piece
      const own = new DataView(piece.buffer, piece.byteOffset, piece.byteLength)
      return Float64Array.from({ length: piece.length / type.bytes }, (_, i) =>
        type.read(own, i * type.bytes),
      )
    },
  }
}

const cutOff = (where: string, what: string) =>
  new InputError(where, what, 'Get the file again: this one is not whole, or not what it says.')
