/**
 * Bad input: one line that says what is wrong, where, and how to mend it. Hosts show it as it is (exit code 2 on the
 * command line); every other error is a fault of ours or of the machine.
 */
export class InputError extends Error {
  override readonly name = 'InputError'
  constructor(
    /** Where: an option (`--width`) or a path in a document (`training.steps`). */
    readonly where: string,
    /** What is wrong: a clause without its full stop. */
    readonly what: string,
    /** How to mend it: a whole sentence. */
    readonly hint: string,
  ) {
    super(`${where}: ${what}. ${hint}`)
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

/** The candidate with the smallest edit distance to `word`, if it is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(word.length / 2)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Levenshtein distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]
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
  const near = nearest(name, names)
  const hint = near ? `Did you mean "${near}"?` : `There are ${names.join(', ')}.`
  throw new InputError(where, `there is no ${kind} "${name}"`, hint)
}
