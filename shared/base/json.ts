/**
 * JSON read with positions, so that the text form can point at what is wrong: engines tell the place of an error each in their own words, or not
 * at all. Objects come without a prototype's keys: `__proto__` and its like are refused.
 */
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
  /** Where each value begins, by its path: ".nodes[0].op". */
  places: ReadonlyMap<string, number>
}

const DEEPEST = 100
const POISON = ['__proto__', 'constructor', 'prototype']

/** @throws JsonError */
export function readJson(text: string): JsonText {
  return new Reader(text).read()
}

/** Line and column from 1. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split('\n')
  return { line: lines.length, column: lines[lines.length - 1].length + 1 }
}

class Reader {
  private at = 0
  private readonly places = new Map<string, number>()

  constructor(private readonly text: string) {}

  read(): JsonText {
    this.space()
    const value = this.value('', 0)
    this.space()
    if (this.at < this.text.length) this.fail('There is something behind the end')
    return { value, places: this.places }
  }

  private fail(message: string, at = this.at): never {
    throw new JsonError(message, Math.min(at, this.text.length))
  }

  private space() {
    const found = /[ \t\r\n]*/y
    found.lastIndex = this.at
    found.exec(this.text)
    this.at = found.lastIndex
  }

  private value(path: string, depth: number): unknown {
    if (depth > DEEPEST) this.fail(`This is nested more than ${DEEPEST} deep`)
    this.places.set(path, this.at)
    const next = this.text[this.at]
    if (next === '{') return this.object(path, depth)
    if (next === '[') return this.array(path, depth)
    if (next === '"') return this.string()
    return this.word()
  }

  private object(path: string, depth: number): Record<string, unknown> {
    const found: Record<string, unknown> = {}
    this.list('}', () => {
      const start = this.at
      if (this.text[this.at] !== '"') this.fail('A field’s name in double quotes is missing')
      const key = this.string()
      if (POISON.includes(key)) this.fail(`"${key}" cannot be a field’s name`, start)
      if (Object.hasOwn(found, key)) this.fail(`The field "${key.slice(0, 60)}" is there twice`, start)
      this.space()
      if (this.text[this.at] !== ':') this.fail('A : is missing')
      this.at++
      this.space()
      found[key] = this.value(`${path}.${key}`, depth + 1)
    })
    return found
  }

  private array(path: string, depth: number): unknown[] {
    const found: unknown[] = []
    this.list(']', () => found.push(this.value(`${path}[${found.length}]`, depth + 1)))
    return found
  }

  /** From the opening bracket to the closing one. */
  private list(end: string, item: () => void) {
    const start = this.at++
    this.space()
    if (this.text[this.at] === end) {
      this.at++
      return
    }
    for (;;) {
      item()
      this.space()
      const next = this.text[this.at]
      if (next === undefined) this.fail(`The closing ${end} is missing`, start)
      this.at++
      if (next === end) return
      const comma = this.at - 1
      if (next !== ',') this.fail(`A comma or ${end} is missing`, comma)
      this.space()
      if (this.text[this.at] === end) this.fail('There is a comma too many', comma)
    }
  }

  private string(): string {
    let end = this.at + 1
    while (this.text[end] !== '"') {
      if (end >= this.text.length || this.text[end] < ' ')
        this.fail('This text has no closing quote on its line')
      end += this.text[end] === '\\' ? 2 : 1
    }
    try {
      const value = JSON.parse(this.text.slice(this.at, end + 1)) as string
      this.at = end + 1
      return value
    } catch {
      this.fail('There is a backslash in this text that means nothing')
    }
  }

  private word(): unknown {
    const found = /[^\s,:[\]{}"]*/y
    found.lastIndex = this.at
    const [word] = found.exec(this.text)!
    const start = this.at
    this.at = found.lastIndex
    if (!word) this.fail(start < this.text.length ? 'A value is missing' : 'The text ends too early', start)
    const named: Record<string, unknown> = { true: true, false: false, null: null }
    if (Object.hasOwn(named, word)) return named[word]
    if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(word)) return Number(word)
    this.fail(`“${word.slice(0, 40)}” is no value: texts stand in double quotes`, start)
  }
}
