/** Messages as JSON text, where they do not travel as structured clones: web sockets and the saved workspace. */

const MARK = '$number'

/** JSON text in which non-finite numbers survive. */
export function encodeMessage(message: unknown): string {
  return JSON.stringify(message, (_key, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? { [MARK]: String(value) } : value,
  )
}

/** What `encodeMessage` wrote. @throws SyntaxError where the text is not JSON */
export function decodeMessage(json: string): unknown {
  return JSON.parse(json, (_key, value) =>
    typeof value === 'object' && value !== null && typeof value[MARK] === 'string'
      ? Number(value[MARK])
      : value,
  )
}

/** For documents that others read: non-finite numbers as the strings the command-line contract names. */
export function nonFiniteAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
