/**
 * JSON read with the places of its values, so that the text form can point at what is wrong: engines tell the place of
 * an error each in their own words, or not at all. Fields that would reach an object's prototype (`__proto__` and its
 * like), fields that are there twice and texts that are nested very deep are refused. What a text costs grows with its
 * length alone, whatever is in it: the value comes from the engine's own parser, and places are looked up when they are
 * asked for.
 */
import { createScanner } from 'jsonc-parser'
import { printable } from './errors'

export class JsonError extends Error {
  override readonly name = 'JsonError'
  constructor(
    message: string,
    /** Characters before it. */
    readonly at: number,
  ) {
    super(printable(message))
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

/** Values are nested at most this deep in what the workbench reads. */
export const DEEPEST = 100
const PUNCTUATION = /[\s,:[\]{}"]/
const POISON = ['__proto__', 'constructor', 'prototype']

/** @param given a byte-order mark before it is no part of it @throws JsonError */
export function readJson(given: string): JsonText {
  // A space in its place keeps every other character where it is.
  const text = given.startsWith('\uFEFF') ? ` ${given.slice(1)}` : given
  const { depth, colons } = punctuationOf(text)
  // The walk through a value is only for those that are not too deep, and the engine says nothing of fields twice.
  let value = depth <= DEEPEST ? parsed(text) : undefined
  if (value === undefined || fieldsIn(value) !== colons) {
    checkJson(text)
    value = parsed(text)
    if (value === undefined) fail('This is not JSON', 0)
  }
  return { value, find: (path) => found(text, path) }
}

/** Undefined, which no JSON is, for what is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Line and column from 1. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split('\n')
  return { line: lines.length, column: lines[lines.length - 1].length + 1 }
}

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Array.from(
  '"\\,:[]{}',
  (one) => one.charCodeAt(0),
)

/** How deep the brackets outside of strings go, and how many colons are there: one for every field. */
function punctuationOf(text: string): { depth: number; colons: number } {
  let [open, depth, colons, isString] = [0, 0, 0, false]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isString) {
      if (code === BACKSLASH) i++
      else if (code === QUOTE) isString = false
    } else if (code === QUOTE) isString = true
    else if (code === COLON) colons++
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth = Math.max(depth, ++open)
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) open--
  }
  return { depth, colons }
}

/** How many fields all objects in a value have; NaN where one of them has a name that is refused. */
function fieldsIn(value: unknown): number {
  let count = 0
  const left = [value]
  while (left.length) {
    const one = left.pop()
    if (typeof one !== 'object' || one === null) continue
    const isList = Array.isArray(one)
    const inside: unknown[] = isList ? one : Object.values(one)
    for (const item of inside) left.push(item)
    if (isList) continue
    if (POISON.some((name) => Object.hasOwn(one, name))) return NaN
    count += inside.length
  }
  return count
}

// Places are found in texts that are known to be JSON: characters need not be checked again.

/** Spaces, and what stands between values. */
const isBetween = (code: number) => code <= 32 || code === COMMA || code === COLON

/** Where the next value, name or end of a list begins. */
function skipSpace(text: string, at: number): number {
  let i = at
  while (isBetween(text.charCodeAt(i))) i++
  return i
}

/** Where a number or a word ends. */
function endOfWord(text: string, at: number): number {
  for (let i = at; ; i++) {
    const code = text.charCodeAt(i)
    if (isBetween(code) || code === CLOSE_LIST || code === CLOSE_OBJECT) return i
  }
}

function endOfString(text: string, at: number): number {
  for (let i = at + 1; ; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i + 1
    if (code === BACKSLASH) i++
  }
}

function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if (first === QUOTE) return endOfString(text, at)
  if (first !== OPEN_LIST && first !== OPEN_OBJECT) return endOfWord(text, at)
  let open = 0
  for (let i = at; ; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i) - 1
    else if (code === OPEN_LIST || code === OPEN_OBJECT) open++
    else if ((code === CLOSE_LIST || code === CLOSE_OBJECT) && --open === 0) return i + 1
  }
}

/** The place of the value at a path, in a text that is JSON: what is off the path is passed over. */
function found(text: string, path: string, from = 0): { at: number; rest: string } {
  const at = skipSpace(text, from)
  const here = { at, rest: path }
  if (path === '') return here
  if (text[at] === '[') return foundInList(text, path, at) ?? here
  if (text[at] === '{') return foundInObject(text, path, at) ?? here
  return here
}

function foundInList(text: string, path: string, at: number) {
  const step = /^\[(\d+)\]/.exec(path)
  if (step === null) return null
  let place = skipSpace(text, at + 1)
  for (let left = Number(step[1]); text[place] !== ']'; left--) {
    if (left === 0) return found(text, path.slice(step[0].length), place)
    place = skipSpace(text, endOfValue(text, place))
  }
  return null
}

function foundInObject(text: string, path: string, at: number) {
  let best: { rest: string; value: number } | null = null
  let place = skipSpace(text, at + 1)
  while (text[place] !== '}') {
    const end = endOfString(text, place)
    const value = skipSpace(text, end)
    const rest = restBehind(path, nameIn(text.slice(place, end)))
    // Names may hold dots and brackets themselves: the longest that fits is meant.
    if (rest !== null && (best === null || rest.length < best.rest.length)) best = { rest, value }
    place = skipSpace(text, endOfValue(text, value))
  }
  return best && found(text, best.rest, best.value)
}

const nameIn = (text: string) => (text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1))

/** What is left of a path behind a name, null where the path does not begin with it. */
function restBehind(path: string, name: string): string | null {
  const rest = path.slice(name.length + 1)
  return path.startsWith(`.${name}`) && /^([.[]|$)/.test(rest) ? rest : null
}

/** The scanner's kinds of tokens and of errors in them: its own enumerations are no values for a bundler. */
const Token = {
  OpenObject: 1,
  CloseObject: 2,
  OpenList: 3,
  CloseList: 4,
  Comma: 5,
  Colon: 6,
  Null: 7,
  True: 8,
  False: 9,
  Text: 10,
  Number: 11,
  LineBreak: 14,
  Space: 15,
  End: 17,
} as const
const Fault = { None: 0, Unicode: 4, Escape: 5 } as const

/** An object or a list whose end has not come yet. */
interface Open {
  at: number
  /** The names of an object's fields so far; null for a list. */
  names: Set<string> | null
}

/** What may come next: `first` and `value` in a list or at the top, `first-name`, `name` and `colon` in an object. */
type Awaited = 'first' | 'value' | 'first-name' | 'name' | 'colon' | 'end'

/** @throws JsonError with the place of the first thing that is wrong with a text, in words that say what is missing */
function checkJson(text: string): void {
  const scanner = createScanner(text)
  const around: Open[] = []
  let awaited: Awaited = 'value'
  /** Where the last value that is a word or a number begins and ends. */
  let word: { at: number; end: number } | null = null

  const unexpected = (at: number): never => {
    const inner = around.at(-1)
    const next = text.slice(at, at + 1)
    if (word?.end === at && next && !PUNCTUATION.test(next)) failAtWord(text, word.at)
    if (awaited === 'end') {
      fail(inner ? `A comma or ${bracketOf(inner)} is missing` : 'There is something behind the end', at)
    }
    if (awaited === 'colon') fail('A : is missing', at)
    const before = text.slice(0, at).trimEnd()
    if (inner && next === bracketOf(inner) && before.endsWith(',')) {
      fail('There is a comma too many', before.length - 1)
    }
    if (awaited === 'name' || awaited === 'first-name') fail('A field’s name in double quotes is missing', at)
    if (!next) fail('The text ends too early', at)
    if (PUNCTUATION.test(next)) fail('A value is missing', at)
    return failAtWord(text, at)
  }

  for (;;) {
    const kind: number = scanner.scan()
    if (kind === Token.Space || kind === Token.LineBreak) continue
    const at = scanner.getTokenOffset()
    const inner = around.length ? around[around.length - 1] : null
    const isValue = awaited === 'value' || awaited === 'first'
    switch (kind) {
      case Token.Comma:
        if (!inner || awaited !== 'end') unexpected(at)
        awaited = inner!.names ? 'name' : 'value'
        break
      case Token.Number:
      case Token.Null:
      case Token.True:
      case Token.False:
        if (!isValue) unexpected(at)
        word = { at, end: at + scanner.getTokenLength() }
        if (scanner.getTokenError() !== Fault.None) failAtWord(text, at)
        checkDepth(around, at)
        awaited = 'end'
        break
      case Token.Text: {
        const isName: boolean = awaited === 'name' || awaited === 'first-name'
        if (!isName && !isValue) unexpected(at)
        checkString(scanner.getTokenError(), at)
        if (isName) addName(inner!.names!, scanner.getTokenValue(), at)
        else checkDepth(around, at)
        awaited = isName ? 'colon' : 'end'
        break
      }
      case Token.Colon:
        if (awaited !== 'colon') unexpected(at)
        awaited = 'value'
        break
      case Token.OpenList:
      case Token.OpenObject:
        if (!isValue) unexpected(at)
        checkDepth(around, at)
        around.push({ at, names: kind === Token.OpenObject ? new Set() : null })
        awaited = kind === Token.OpenObject ? 'first-name' : 'first'
        break
      case Token.CloseList:
      case Token.CloseObject: {
        const first = kind === Token.CloseObject ? 'first-name' : 'first'
        const isEnd = inner !== null && (inner.names !== null) === (kind === Token.CloseObject)
        if (!isEnd || (awaited !== 'end' && awaited !== first)) unexpected(at)
        around.pop()
        awaited = 'end'
        break
      }
      case Token.End:
        if (inner && (awaited === 'end' || awaited === 'first' || awaited === 'first-name')) {
          fail(`The closing ${bracketOf(inner)} is missing`, inner.at)
        }
        if (awaited !== 'end') unexpected(at)
        return
      default:
        unexpected(at)
    }
  }
}

function checkString(error: number, at: number): void {
  if (error === Fault.None) return
  const isEscape = error === Fault.Unicode || error === Fault.Escape
  fail(
    isEscape
      ? 'There is a backslash in this text that means nothing'
      : 'This text has no closing quote on its line',
    at,
  )
}

function addName(names: Set<string>, name: string, at: number): void {
  if (POISON.includes(name)) fail(`"${name}" cannot be a field’s name`, at)
  if (names.has(name)) fail(`The field "${name.slice(0, 60)}" is there twice`, at)
  names.add(name)
}

function checkDepth(around: readonly Open[], at: number): void {
  if (around.length > DEEPEST) fail(`This is nested more than ${DEEPEST} deep`, at)
}

function failAtWord(text: string, at: number): never {
  const word = /[^\s,:[\]{}"]{0,40}/.exec(text.slice(at, at + 40))![0]
  return fail(`“${word}” is no value: texts stand in double quotes`, at)
}

const bracketOf = ({ names }: Open) => (names ? '}' : ']')

function fail(message: string, at: number): never {
  throw new JsonError(message, at)
}
