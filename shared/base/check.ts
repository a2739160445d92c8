/**
 * Checks of JSON values: what documents and their sections are read with, so that every one of them refuses the same
 * things in the same words. Each check takes a value of any kind and gives it back with its type, or throws an
 * InputError that names the place (`where`), what is wrong and how to mend it.
 */
import { InputError, suggestion } from './errors'

/** An object's fields, by name; what they hold is still to be checked. */
export type Fields<Key extends string = string> = { [K in Key]?: unknown }

const LONGEST = 60

const shortened = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}…` : text)

/** A value as it can stand in an error message: short, on one line, however large or odd it is. */
export function show(value: unknown): string {
  // JSON has no word for what is not finite, and writes a whole text before it can be shortened.
  if (typeof value === 'number') return String(value)
  if (value === undefined) return 'nothing'
  try {
    return shortened(beginning(value, LONGEST + 1))
  } catch {
    // What JSON has no form for.
    return Array.isArray(value) ? 'this list' : 'this object'
  }
}

/** A value as JSON, cut off where it is longer than `most`: no more of it is looked at than is shown. */
function beginning(value: unknown, most: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, most))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? typeof value
  const isList = Array.isArray(value)
  let text = isList ? '[' : '{'
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue
    if (text.length > 1) text += ','
    if (!isList) text += `${JSON.stringify(key.slice(0, most))}:`
    if (text.length >= most) return text
    text += beginning((value as Fields)[key], most - text.length)
  }
  return text + (isList ? ']' : '}')
}

/** @param what said of anything that is no object */
export function objectOf(value: unknown, where: string, what: string, hint: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new InputError(where, what, hint)
}

/** How a document's fields are called, where "field" is not the word. */
export interface FieldWords {
  /** Said of a field that is not known. */
  unknown?: string
  /** "The settings are …" */
  plural?: string
}

/** The known fields of an object that has no others; absent ones are absent. */
export function knownFields<Key extends string>(
  object: Fields,
  where: string,
  keys: readonly Key[],
  { unknown = 'there is no such field', plural = 'fields' }: FieldWords = {},
): Fields<Key> {
  for (const key of Object.keys(object)) {
    if ((keys as readonly string[]).includes(key)) continue
    const hint = suggestion(key, keys, `The ${plural} are ${keys.join(', ')}.`)
    throw new InputError(`${where}.${key.slice(0, LONGEST)}`, unknown, hint)
  }
  const present = keys.filter((key) => Object.hasOwn(object, key) && object[key] !== undefined)
  return Object.fromEntries(present.map((key) => [key, object[key]])) as Fields<Key>
}

/**
 * A section of an experiment as far as it is given, the rest from its defaults.
 * @param words `what` and `hint`: said of anything that is no object
 */
export function settingsOf<Settings extends object>(
  value: unknown,
  where: string,
  defaults: Settings,
  { what, hint, ...words }: FieldWords & { what: string; hint: string },
): Record<keyof Settings & string, unknown> {
  const keys = Object.keys(defaults) as (keyof Settings & string)[]
  return { ...defaults, ...knownFields(objectOf(value, where, what, hint), where, keys, words) }
}

/** A document's number, which says how to read it. */
export function versionOne(value: unknown, where: string): void {
  if (value === undefined || value === 1) return
  throw new InputError(
    `${where}.version`,
    `version ${show(value)} is not known here (this program reads version 1)`,
    'Open it with the Residual Lab that saved it, or a newer one.',
  )
}

export interface Bounds {
  /** The smallest that is allowed. */
  minimum: number
  /** The largest that is allowed. */
  maximum: number
}

/** Words for one number in place of the usual ones. */
export interface NumberWords {
  /** Said of whatever does not fit, in place of "is not a whole number" and "is out of range". */
  misfit?: string
  /** What to give: "a whole number of draws". */
  kind?: string
}

/** @param words in place of the usual ones */
export function wholeNumber(value: unknown, where: string, bounds: Bounds, words: NumberWords = {}): number {
  const isWhole = Number.isInteger(value)
  return boundedNumber(value, where, bounds, isWhole ? null : 'is not a whole number', {
    kind: 'a whole number',
    ...words,
  })
}

/** @param words in place of the usual ones */
export function finiteNumber(value: unknown, where: string, bounds: Bounds, words: NumberWords = {}): number {
  return boundedNumber(value, where, bounds, Number.isFinite(value) ? null : 'is not a number', {
    kind: 'a number',
    ...words,
  })
}

function boundedNumber(
  value: unknown,
  where: string,
  { minimum, maximum }: Bounds,
  problem: string | null,
  { kind, misfit }: NumberWords,
): number {
  const isOutside = (value as number) < minimum || (value as number) > maximum
  const found = problem ?? (isOutside ? 'is out of range' : null)
  if (found === null) return value as number
  throw new InputError(
    where,
    `${show(value)} ${misfit ?? found}`,
    `Give ${kind} from ${minimum} to ${maximum}.`,
  )
}

/** @param hint where none of the choices is near; without it, they are listed */
export function choice<Value extends string | number>(
  value: unknown,
  where: string,
  choices: readonly Value[],
  hint = `Give ${choices.length === 2 ? choices.join(' or ') : `one of ${choices.join(', ')}`}.`,
): Value {
  const found = choices.find((one) => one === value)
  if (found !== undefined) return found
  throw new InputError(where, `${show(value)} is not a choice`, suggestion(value, choices.map(String), hint))
}

export function trueOrFalse(value: unknown, where: string): boolean {
  if (typeof value === 'boolean') return value
  throw new InputError(where, `${show(value)} is neither true nor false`, 'Give true or false.')
}

/** A list's length, both ends included, and what is said of another value. */
export interface ListWords {
  least: number
  most: number
  what: string
  hint: string
}

export function listOf(value: unknown, where: string, { least, most, what, hint }: ListWords): unknown[] {
  if (Array.isArray(value) && value.length >= least && value.length <= most) return value as unknown[]
  throw new InputError(where, what, hint)
}

/** What curves, files and nodes are told apart by: 1 to 100 characters. */
export function nameText(value: unknown, where: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 100) return value
  throw new InputError(where, 'a name of 1 to 100 characters is missing', 'Give one in quotes.')
}
