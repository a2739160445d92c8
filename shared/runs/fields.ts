/** Fields of a run's documents, which may be of anyone's making: checked, with place, cause and hint. */
import { show } from '../base/check'
import { InputError } from '../base/errors'

export const HINT = 'A run is the folder that the workbench has written, or its export.'

export const ANY = { minimum: -Infinity, maximum: Infinity }
export const COUNT = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }
const LONGEST_TEXT = 10_000

export function textOf(value: unknown, where: string, longest = LONGEST_TEXT): string {
  if (typeof value === 'string' && value.length <= longest) return value
  throw new InputError(where, `this is no text of at most ${longest} characters`, HINT)
}

export function dateOf(value: unknown, where: string): string {
  const text = textOf(value, where, 40)
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new InputError(where, `${show(text)} is no time`, 'Times are in ISO 8601, like 2026-03-01T12:00:00Z.')
}
