import { InputError } from './errors'
import { JsonError, lineAndColumn, readJson } from './json'

/** Characters of the largest document that is read whole: experiments, blocks and their like need far less. */
export const LONGEST_DOCUMENT = 8 * 2 ** 20

const UNITS = 1e6

/**
 * The value in a JSON document of anyone's making: one way for files, links, the clipboard and what is saved.
 * @param where it comes from: a file's name, an option
 * @param hint how whoever gave it may mend it
 * @param limits `what` it should be, in words; `longest`: characters
 * @throws InputError for anything that is not JSON, is longer or deeper than what the workbench writes, names a field
 * twice or by a name that would reach an object's prototype
 */
export function readDocument(
  text: string,
  where: string,
  hint: string,
  { what = 'JSON', longest = LONGEST_DOCUMENT } = {},
): unknown {
  if (text.length > longest) {
    const [has, most] = [text.length, longest].map((length) => (length / UNITS).toFixed(1))
    throw new InputError(
      where,
      `it has ${has} million characters, and nothing to be read here more than ${most}`,
      hint,
    )
  }
  try {
    return readJson(text).value
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const { line, column } = lineAndColumn(text, error.at)
    throw new InputError(
      where,
      `this is not ${what} (line ${line}, column ${column}: ${error.message})`,
      hint,
    )
  }
}

/** Values that a message or a document may hold; more is no work of this program's. */
const MOST_VALUES = 5_000_000

/**
 * Whether a value is nested deeper than `deepest`, or holds more than anyone needs; found without recursion, since
 * whoever sends it chooses the depth. Values in a circle are deep.
 */
export function isTooDeep(value: unknown, deepest: number): boolean {
  let level = [value]
  let count = 0
  for (let depth = 0; level.length; depth++) {
    if (depth > deepest) return true
    const next: unknown[] = []
    for (const one of level) {
      if (typeof one !== 'object' || one === null || ArrayBuffer.isView(one)) continue
      for (const field of Array.isArray(one) ? one : Object.values(one)) {
        if (typeof field !== 'object' || field === null) continue
        next.push(field)
        if (++count > MOST_VALUES) return true
      }
    }
    level = next
  }
  return false
}
