/** Messages as JSON text, where they do not travel as structured clones: web sockets and the saved workspace. */
import { base64OfBytes, bytesOfBase64 } from '../base/base64'

const MARK = '$number'
/** Stands for a typed array: its type, with its bytes (little-endian) in `base64`. */
const ARRAY = '$array'

const ARRAYS = { Uint8Array, Int32Array, Float32Array, Float64Array }
type ArrayName = keyof typeof ARRAYS

/** JSON text in which non-finite numbers and typed arrays survive. */
export const encodeMessage = (message: unknown): string => JSON.stringify(marked(message))

/** What `encodeMessage` wrote. @throws SyntaxError where the text is not JSON */
export function decodeMessage(json: string): unknown {
  const value: unknown = JSON.parse(json)
  return json.includes(MARK) || json.includes(ARRAY) ? unmarked(value) : value
}

// JSON's own ways to look at every value, a replacer and a reviver, cost ten times as much on large messages.

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The value with what stands for its non-finite numbers; what has none is not copied. */
function marked(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { [MARK]: String(value) }
  if (!isObject(value)) return value
  if (ArrayBuffer.isView(value)) return markedArray(value)
  let copy: Record<string, unknown> | null = null
  for (const key of Object.keys(value)) {
    const [old, now] = [value[key], marked(value[key])]
    if (now === old) continue
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    set(copy, key, now)
  }
  return copy ?? value
}

function markedArray(array: ArrayBufferView): Record<string, string> {
  const name = (Object.keys(ARRAYS) as ArrayName[]).find((one) => array instanceof ARRAYS[one])
  if (name === undefined) throw new TypeError('Only bytes and numbers of 32 or 64 bits travel as arrays.')
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return { [ARRAY]: name, base64: base64OfBytes(bytes) }
}

/** @throws SyntaxError for what stands for no array */
function unmarkedArray(name: string, base64: unknown): ArrayBufferView {
  const isKnown = Object.keys(ARRAYS).includes(name) && typeof base64 === 'string'
  try {
    if (isKnown) return new ARRAYS[name as ArrayName](bytesOfBase64(base64).buffer)
  } catch {
    // No base64, or bytes that are no whole numbers.
  }
  throw new SyntaxError('This stands for no array.')
}

/** The numbers and arrays that are stood for, in place. */
function unmarked(value: unknown): unknown {
  if (!isObject(value)) return value
  for (const key of Object.keys(value)) {
    const [old, now] = [value[key], unmarked(value[key])]
    if (now !== old) set(value, key, now)
  }
  const name = value[ARRAY]
  if (typeof name === 'string') return unmarkedArray(name, value.base64)
  const number = value[MARK]
  return typeof number === 'string' ? Number(number) : value
}

/** Also of a name that would reach the object's prototype. */
const set = (object: object, key: string, value: unknown) =>
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })

/** For documents that others read: non-finite numbers as the strings the command-line contract names. */
export function nonFiniteAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
