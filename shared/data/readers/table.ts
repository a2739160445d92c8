import { InputError, suggestion } from '../../base/errors'
import { vector } from '../../numerics/shape'
import { classesOf, type Labelled } from './labelled'

/** One row of a table of text. */
export interface Row {
  /** Where it begins in the file, from 1. */
  line: number
  cells: readonly string[]
}

export interface TableOptions {
  /** The column of labels, by its name or its number from 1; the last one where nothing is said. */
  target?: string
  /** Whether the first row names the columns; found out where nothing is said. */
  header?: boolean
}

const SEPARATORS = [',', ';', '\t', '|', ' ']
const LINES_LOOKED_AT = 20
/** Words of one column that become a value each. */
const MOST_WORDS = 100

/** The separator that stands in every one of the first lines, most often; a comma where none does. */
export function separatorOf(text: string): string {
  const lines = text.split(/\r?\n/, LINES_LOOKED_AT).filter((line) => line.trim())
  const least = (separator: string) => Math.min(...lines.map((line) => line.split(separator).length - 1))
  const best = SEPARATORS.map((separator) => ({ separator, count: lines.length ? least(separator) : 0 }))
  return best.reduce((a, b) => (b.count > a.count ? b : a)).separator
}

const isNumber = (cell: string) => cell.trim() !== '' && !Number.isNaN(Number(cell))
/** What programs write for a number that is none. */
const NOT_FINITE = /^[+-]?(nan|inf(inity)?)$/i

/**
 * A table to samples: columns of numbers as they are, columns of words as one value for each word (0 or 1), the target
 * as classes. Columns that never change say nothing, and are left out.
 * @param where the file's name
 * @returns also what was left out, one sentence each
 * @throws InputError with line and column of what does not fit
 */
export function parseTable(
  all: readonly Row[],
  { target, header }: TableOptions,
  where: string,
): Labelled & { notes: string[] } {
  if (all.length === 0) throw new InputError(where, 'there is nothing in it', 'Give a row for each sample.')
  const width = all[0].cells.length
  const ragged = all.find(({ cells }) => cells.length !== width)
  if (ragged) {
    throw new InputError(
      where,
      `line ${ragged.line} has ${ragged.cells.length} columns, and the first has ${width}`,
      'Give every line as many, or say what separates them: --separator ";".',
    )
  }
  if (width < 2) {
    throw new InputError(
      where,
      'it has one column',
      'Give values and a label in each line, or say what separates them: --separator ";".',
    )
  }
  const { names, hasHeader } = columnNames(all[0], header)
  const rows = hasHeader ? all.slice(1) : all
  if (rows.length === 0)
    throw new InputError(where, 'it names columns and has no samples', 'Give a row for each sample.')
  const at = targetColumn(names, target)
  for (const { line, cells } of rows) {
    const empty = cells.findIndex((cell) => !cell.trim())
    if (empty < 0) continue
    const what = `line ${line}, column "${names[empty]}": there is no value`
    throw new InputError(where, what, 'Give one, or leave the line out.')
  }
  const labels = classesOf(
    rows.map(({ cells }) => cells[at].trim()),
    `${where}, column "${names[at]}"`,
  )
  const notes: string[] = []
  const columns = names.flatMap((name, i) => {
    if (i === at) return []
    const values = columnValues(rows, i, name, where)
    const kept = values.filter((one) => one.some((value) => value !== one[0]))
    if (kept.length === 0) notes.push(`Column "${name}" is the same in every sample, and was left out.`)
    return kept
  })
  if (columns.length === 0)
    throw new InputError(
      where,
      'no column changes from sample to sample',
      'Give values that tell samples apart.',
    )
  const x = new Float32Array(rows.length * columns.length)
  columns.forEach((values, j) => values.forEach((value, i) => (x[i * columns.length + j] = value)))
  return { shape: vector(columns.length), x, ...labels, notes }
}

/** What the columns of a table are called: as its first row says, or by their numbers. */
export function columnNames({ cells }: Row, header?: boolean): { names: string[]; hasHeader: boolean } {
  const hasHeader =
    header ?? !cells.some((cell) => isNumber(cell) || NOT_FINITE.test(cell.trim()) || !cell.trim())
  return { hasHeader, names: cells.map((cell, i) => (hasHeader ? cell.trim() : String(i + 1))) }
}

function targetColumn(names: readonly string[], target: string | undefined): number {
  if (target === undefined) return names.length - 1
  const named = names.indexOf(target)
  if (named >= 0) return named
  const number = /^\d+$/.test(target) ? Number(target) : 0
  if (number >= 1 && number <= names.length) return number - 1
  const hint = suggestion(target, names, `There are ${names.join(', ')}.`)
  throw new InputError('--target', `there is no column "${target}"`, hint)
}

/** The column as it is, or for words one list for each of them. */
function columnValues(rows: readonly Row[], i: number, name: string, where: string): number[][] {
  const cells = rows.map((row) => row.cells[i].trim())
  const refuse = (row: number, what: string, hint: string) =>
    new InputError(where, `line ${rows[row].line}, column "${name}": ${what}`, hint)
  const infinite = cells.findIndex((cell) => NOT_FINITE.test(cell) || Math.abs(Number(cell)) > 3.4e38)
  if (infinite >= 0)
    throw refuse(infinite, `${cells[infinite]} is not finite`, 'Give a finite number, or leave the line out.')
  const numbers = cells.filter(isNumber).length
  if (numbers === cells.length) return [cells.map(Number)]
  if (numbers > 0) {
    const word = cells.findIndex((cell) => !isNumber(cell))
    throw refuse(
      word,
      `"${cells[word]}" is no number, and others in this column are`,
      'Give numbers or words, not both.',
    )
  }
  const words = [...new Set(cells)].sort()
  if (words.length > MOST_WORDS)
    throw refuse(
      0,
      `it holds ${words.length} different words`,
      `Leave the column out: at most ${MOST_WORDS} become values.`,
    )
  // Two words are one value: the second list would be the first one's complement.
  return (words.length === 2 ? words.slice(1) : words).map((word) =>
    cells.map((cell) => (cell === word ? 1 : 0)),
  )
}
