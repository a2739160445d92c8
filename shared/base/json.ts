/**
 * JSON read with the places of its values, so that the text form can point at what is wrong: engines tell the place of
 * an error each in their own words, or not at all. Fields that would reach an object's prototype (`__proto__` and its
 * like) are refused.
 */
import { printParseErrorCode, visit, type JSONVisitor, type ParseErrorCode } from 'jsonc-parser'

export class JsonError extends Error {
  constructor(
    message: string,
    /** Characters before it. */
    readonly at: number,
  ) {
    super(message)
  }
}

export interface JsonText {
  value: unknown
  /**
   * Where the value at a path (".nodes[0].op") begins, in characters; where there is none, the innermost value around
   * it, with the rest of the path.
   */
  find(path: string): { at: number; rest: string }
}

/** A value's begin, and those of the values in it. */
interface Place {
  at: number
  fields?: Map<string, Place>
  items?: Place[]
}

/** An object or a list that is being read. */
interface Open {
  value: Record<string, unknown> | unknown[]
  place: Place
  /** The field whose value comes next. */
  key: string
}

const DEEPEST = 100
const PUNCTUATION = /[\s,:[\]{}"]/
const POISON = ['__proto__', 'constructor', 'prototype']

/** @throws JsonError */
export function readJson(text: string): JsonText {
  const reader = new Reader(text)
  visit(text, reader, { disallowComments: true })
  const { value, place } = reader
  return { value, find: (path) => found(place!, path) }
}

/** Line and column from 1. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split('\n')
  return { line: lines.length, column: lines[lines.length - 1].length + 1 }
}

function found(place: Place, path: string): { at: number; rest: string } {
  const index = /^\[(\d+)\]/.exec(path)
  if (index && place.items?.[Number(index[1])]) {
    return found(place.items[Number(index[1])], path.slice(index[0].length))
  }
  // Names may hold dots and brackets themselves: the longest that fits is meant.
  const names = [...(place.fields?.keys() ?? [])].filter((name) =>
    /^(\.|\[|$)/.test(after(path, name) ?? 'no'),
  )
  const longest = names.reduce<string | null>((a, b) => (a !== null && a.length > b.length ? a : b), null)
  if (longest === null) return { at: place.at, rest: path }
  return found(place.fields!.get(longest)!, after(path, longest)!)
}

const after = (path: string, name: string) =>
  path.startsWith(`.${name}`) ? path.slice(name.length + 1) : null

/**
 * Builds the value from the parser's events. The parser goes on after an error; here the first one is thrown, in words
 * that say what is missing where.
 */
class Reader implements JSONVisitor {
  value: unknown
  place: Place | null = null
  readonly #open: Open[] = []
  /** The object or list that ended last, for the error that its end is missing. */
  #ended: Open | null = null
  /** What may come next: a field's name, the colon behind it, a value, or a comma or an end. */
  #awaits: 'name' | 'colon' | 'value' | 'end' = 'value'
  #comma = -1
  /** Where the last value that is a word or a number begins and ends. */
  #word = { at: -1, end: -1 }

  constructor(private readonly text: string) {}

  readonly onObjectBegin = (at: number) => this.#begin({}, at)
  readonly onArrayBegin = (at: number) => this.#begin([], at)
  readonly onObjectEnd = () => this.#end()
  readonly onArrayEnd = () => this.#end()

  readonly onObjectProperty = (name: string, at: number) => {
    const open = this.#open[this.#open.length - 1]
    if (POISON.includes(name)) fail(`"${name}" cannot be a field’s name`, at)
    if (open.place.fields!.has(name)) fail(`The field "${name.slice(0, 60)}" is there twice`, at)
    open.key = name
    this.#awaits = 'colon'
  }

  readonly onSeparator = (character: string, at: number) => {
    const isList = Array.isArray(this.#open.at(-1)!.value)
    if (character === ',') this.#comma = at
    this.#awaits = character === ':' || isList ? 'value' : 'name'
  }

  readonly onLiteralValue = (value: unknown, at: number, length: number) => {
    if (typeof value !== 'string') this.#word = { at, end: at + length }
    this.#add(value, { at })
    this.#awaits = 'end'
  }

  /** The parser's code says what it stumbled on; what could stand there says what is missing. */
  readonly onError = (code: ParseErrorCode, at: number) => {
    const open = this.#open.at(-1)
    switch (printParseErrorCode(code)) {
      case 'UnexpectedEndOfString':
      case 'InvalidCharacter':
        return fail('This text has no closing quote on its line', at)
      case 'InvalidEscapeCharacter':
      case 'InvalidUnicode':
        return fail('There is a backslash in this text that means nothing', at)
      case 'CloseBraceExpected':
      case 'CloseBracketExpected':
        return fail(`The closing ${bracketOf(this.#ended!)} is missing`, this.#ended!.place.at)
    }
    const next = this.text.slice(at, at + 1)
    if (this.#word.end === at && !PUNCTUATION.test(next)) this.#failAtWord(this.#word.at)
    switch (this.#awaits) {
      case 'end':
        return fail(
          open ? `A comma or ${bracketOf(open)} is missing` : 'There is something behind the end',
          at,
        )
      case 'colon':
        return fail('A : is missing', at)
    }
    const isBehindComma = this.text.slice(this.#comma + 1, at).trim() === ''
    if (open && next === bracketOf(open) && isBehindComma) fail('There is a comma too many', this.#comma)
    if (this.#awaits === 'name') fail('A field’s name in double quotes is missing', at)
    if (!next) fail('The text ends too early', at)
    if (PUNCTUATION.test(next)) fail('A value is missing', at)
    this.#failAtWord(at)
  }

  #failAtWord(at: number): never {
    const word = /[^\s,:[\]{}"]*/y
    word.lastIndex = at
    fail(`“${word.exec(this.text)![0].slice(0, 40)}” is no value: texts stand in double quotes`, at)
  }

  #begin(value: Open['value'], at: number) {
    const place: Place = Array.isArray(value) ? { at, items: [] } : { at, fields: new Map() }
    this.#add(value, place)
    this.#open.push({ value, place, key: '' })
    this.#awaits = Array.isArray(value) ? 'value' : 'name'
  }

  #end() {
    this.#ended = this.#open.pop()!
    this.#awaits = 'end'
  }

  #add(value: unknown, place: Place) {
    if (this.#open.length > DEEPEST) fail(`This is nested more than ${DEEPEST} deep`, place.at)
    const open = this.#open.at(-1)
    if (!open) {
      this.value = value
      this.place = place
    } else if (Array.isArray(open.value)) {
      open.value.push(value)
      open.place.items!.push(place)
    } else {
      open.value[open.key] = value
      open.place.fields!.set(open.key, place)
    }
  }
}

const bracketOf = ({ value }: Open) => (Array.isArray(value) ? ']' : '}')

function fail(message: string, at: number): never {
  throw new JsonError(message, at)
}
