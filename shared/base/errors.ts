import { distance } from 'fastest-levenshtein'

/**
 * Bad input: one line that says what is wrong, where, and how to mend it. Hosts show it as it is (exit code 2 on the
 * command line); every other error is a fault of ours or of the machine.
 */
export class InputError extends Error {
  override readonly name = 'InputError'
  /** Where: an option (`--width`) or a path in a document (`training.steps`). */
  readonly where: string
  /** What is wrong: a clause without its full stop. */
  readonly what: string
  /** How to mend it: a whole sentence. */
  readonly hint: string

  /** Each part may quote what was given: it is cut where it is longer than anyone reads, and made one line. */
  constructor(where: string, what: string, hint: string) {
    const parts = [where, what, hint].map((part) => printable(cut(part)))
    super(`${parts[0]}: ${parts[1]}. ${parts[2]}`)
    ;[this.where, this.what, this.hint] = parts
  }

  /** What is wrong and how to mend it, for a place on the screen that says itself what it is about. */
  get advice(): string {
    return `${this.what}. ${this.hint}`
  }

  /** The advice with a capital letter, where it stands alone. */
  get sentence(): string {
    return this.advice[0].toUpperCase() + this.advice.slice(1)
  }
}

/** Characters of the longest part of a message: lists of every preset's name fit. */
const LONGEST_PART = 2000
/** Of a name that was given, in a message. */
const LONGEST_QUOTE = 60

const cut = (text: string) => (text.length > LONGEST_PART ? `${text.slice(0, LONGEST_PART - 1)}…` : text)

/** Control characters, line ends of any kind, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu

/** A text with what was given in it as one line, in which nothing moves a terminal's cursor or turns a sentence. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, ' ')

/** No name is longer: an edit distance takes time with the product of the lengths. */
const LONGEST_NAME = 100

/** The candidate with the smallest edit distance (Levenshtein) to `word`, if it is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const given = word.slice(0, LONGEST_NAME).toLowerCase()
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(given.length / 2)) + 1
  for (const candidate of candidates) {
    const found = distance(given, candidate)
    if (found < bestDistance) [best, bestDistance] = [candidate, found]
  }
  return best
}

/** "Did you mean …?" where the word is near to one of those that there are, else the other hint. */
export function suggestion(word: unknown, candidates: readonly string[], otherwise: string): string {
  const near = typeof word === 'string' ? nearest(word, candidates) : null
  return near === null ? otherwise : `Did you mean "${near}"?`
}

/** The item of that name. @throws InputError naming the nearest one, or all */
export function named<T extends { name: string }>(
  items: readonly T[],
  name: string,
  where: string,
  kind: string,
): T {
  const item = items.find((candidate) => candidate.name === name)
  if (item) return item
  const names = items.map((candidate) => candidate.name)
  const hint = suggestion(name, names, `There are ${names.join(', ')}.`)
  const shown = name.length > LONGEST_QUOTE ? `${name.slice(0, LONGEST_QUOTE - 1)}…` : name
  throw new InputError(where, `there is no ${kind} "${shown}"`, hint)
}

/** What an error says, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
