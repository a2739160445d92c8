/** Messages as JSON text, where they do not travel as structured clones: web sockets and the saved workspace. */

const MARK = '$number'

/** JSON text in which non-finite numbers survive. */
export const encodeMessage = (message: unknown): string => JSON.stringify(marked(message))

/** What `encodeMessage` wrote. @throws SyntaxError where the text is not JSON */
export function decodeMessage(json: string): unknown {
  const value: unknown = JSON.parse(json)
  return json.includes(MARK) ? unmarked(value) : value
}

// JSON's own ways to look at every value, a replacer and a reviver, cost ten times as much on large messages.

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The value with what stands for its non-finite numbers; what has none is not copied. */
function marked(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { [MARK]: String(value) }
  if (!isObject(value)) return value
  let copy: Record<string, unknown> | null = null
  for (const key of Object.keys(value)) {
    const [old, now] = [value[key], marked(value[key])]
    if (now === old) continue
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    set(copy, key, now)
  }
  return copy ?? value
}

/** The numbers that are stood for, in place. */
function unmarked(value: unknown): unknown {
  if (!isObject(value)) return value
  for (const key of Object.keys(value)) {
    const [old, now] = [value[key], unmarked(value[key])]
    if (now !== old) set(value, key, now)
  }
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
