/** Bytes of a number, by the format's names of types. */
export const TYPE_BYTES = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1, BOOL: 1 },
  ...{ I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1 },
} as const
export type ArrayType = keyof typeof TYPE_BYTES

/** One array in a header: where its bytes stand, counted from the end of the header. */
export interface Entry {
  dtype: ArrayType
  shape: number[]
  data_offsets: [number, number]
}

/** The format's own limit, against headers that claim to fill the memory. */
const MOST_HEADER_BYTES = 100_000_000

/**
 * The header of a safetensors file, held against the file's size: every array has the bytes that its shape asks for,
 * and they fill the file without gaps.
 * @param size of the file in bytes
 * @param read fills bytes from a place in the file
 * @param parse the header's text
 * @returns with `start`, where the arrays' bytes begin
 * @throws Error, a clause about the file
 */
export function parseHeader(
  size: number,
  read: (from: number, bytes: Uint8Array) => void,
  parse: (text: string) => unknown = JSON.parse,
) {
  const length = new Uint8Array(8)
  if (size < length.length) throw new Error('it is too short')
  read(0, length)
  const bytes = Number(new DataView(length.buffer).getBigUint64(0, true))
  const start = length.length + bytes
  if (bytes > MOST_HEADER_BYTES || start > size)
    throw new Error(`it has no header: it would have ${bytes.toLocaleString('en')} bytes`)
  const text = new Uint8Array(bytes)
  read(length.length, text)
  const { __metadata__: texts = {}, ...arrays } = objectOf(parsed(text, parse), 'its header')
  const metadata = new Map(Object.entries(objectOf(texts, 'its metadata')).map(textEntry))
  const entries = new Map(Object.entries(arrays).map(([name, value]) => [name, entryOf(name, value)]))
  let end = 0
  for (const [name, { data_offsets }] of [...entries].sort(([, a], [, b]) => firstOf(a) - firstOf(b))) {
    if (data_offsets[0] !== end)
      throw new Error(
        data_offsets[0] > end ? `before "${name}" there is a gap` : `"${name}" lies over another array`,
      )
    end = data_offsets[1]
  }
  if (start + end !== size) throw new Error(start + end > size ? 'it is cut' : 'it is too long')
  return { metadata, entries, start }
}

const firstOf = ({ data_offsets: [from] }: Entry) => from

function parsed(text: Uint8Array, parse: (text: string) => unknown): unknown {
  try {
    return parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(text))
  } catch (error) {
    throw new Error('its header is no JSON', { cause: error })
  }
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what} is no object`)
  return value as Record<string, unknown>
}

function textEntry([name, value]: [string, unknown]): [string, string] {
  if (typeof value !== 'string') throw new Error('its metadata are no texts')
  return [name, value]
}

function entryOf(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = objectOf(value, `"${name}"`)
  if (typeof dtype !== 'string' || !isType(dtype)) throw new Error(`"${name}" has no type of numbers`)
  if (!isSizes(shape)) throw new Error(`"${name}" has no shape`)
  if (!isSizes(offsets) || offsets.length !== 2) throw new Error(`"${name}" has no place`)
  const bytes = TYPE_BYTES[dtype] * shape.reduce((product, size) => product * size, 1)
  if (offsets[1] - offsets[0] !== bytes) throw new Error(`"${name}" has another size than its shape`)
  return { dtype, shape, data_offsets: [offsets[0], offsets[1]] }
}

const isType = (dtype: string): dtype is ArrayType => Object.hasOwn(TYPE_BYTES, dtype)

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
