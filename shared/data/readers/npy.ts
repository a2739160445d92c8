import { InputError } from '../../base/errors'
import { fromHalfBits } from '../../numerics/float16'
import type { ArrayHeader, FileArray } from './idx'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

/** By numpy's code: bytes of a value, and how one is read. */
const TYPES: Record<
  string,
  { bytes: number; read: (view: DataView, at: number, little: boolean) => number }
> = {
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: { bytes: 2, read: (view, at, little) => fromHalfBits(view.getUint16(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
}

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte)

/**
 * An array in numpy's NPY form, versions 1 to 3, of numbers in C order.
 * @param where the file's name @throws InputError for what is none, is cut off, or holds no numbers
 */
export function parseNpy(bytes: Uint8Array, where: string): FileArray {
  const { shape, start, decode, ...one } = npyHeader(bytes, bytes.length, where)
  const count = shape.reduce((product, side) => product * side, 1)
  return { shape, values: decode(bytes.subarray(start, start + count * one.bytes)) }
}

/**
 * The header alone. @param bytes the beginning of the file, with all of its header @param size bytes of the whole file
 * @throws InputError for what is none, is cut off, or holds no numbers
 */
export function npyHeader(bytes: Uint8Array, size: number, where: string): ArrayHeader {
  const refuse = (what: string, hint = 'Save it again with numpy.save.') => new InputError(where, what, hint)
  if (!isNpy(bytes)) throw refuse('this is no NPY file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLong = bytes[6] > 1
  const start = isLong ? 12 : 10
  if (bytes.length < start) throw refuse('the file ends inside its header')
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true)
  if (bytes.length < start + length) throw refuse('the file ends inside its header')
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length))
  const [, order, code] = /'descr':\s*'([<>|=]?)([a-z]\d+)'/.exec(header) ?? []
  const [, fortran] = /'fortran_order':\s*(True|False)/.exec(header) ?? []
  const [, dimensions] = /'shape':\s*\(([\d,\s]*)\)/.exec(header) ?? []
  const type = code === undefined ? undefined : TYPES[code]
  if (!type)
    throw refuse('it holds no plain numbers', 'Save an array of one number type: x.astype("float32").')
  if (dimensions === undefined || fortran === undefined) throw refuse('its header is not numpy’s')
  if (fortran === 'True') throw refuse('it is in Fortran’s order', 'Save numpy.ascontiguousarray(x).')
  const shape = dimensions.split(',').flatMap((one) => (one.trim() ? [Number(one)] : []))
  const count = shape.reduce((product, one) => product * one, 1)
  const from = start + length
  const expected = from + count * type.bytes
  if (size < expected) {
    const each = (count / (shape[0] || 1)) * type.bytes
    const record = Math.floor((size - from) / each) + 1
    throw refuse(`expected ${shape[0]} rows of ${each} bytes, the file ends inside row ${record}`)
  }
  return {
    ...{ shape, start: from, bytes: type.bytes },
    decode(piece) {
      if (code === 'u1' || code === 'b1') return piece
      const own = new DataView(piece.buffer, piece.byteOffset, piece.byteLength)
      const values = new (code === 'f4' ? Float32Array : Float64Array)(piece.length / type.bytes)
      for (let i = 0; i < values.length; i++) values[i] = type.read(own, i * type.bytes, order !== '>')
      return values
    },
  }
}
