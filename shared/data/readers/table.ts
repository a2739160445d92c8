import { InputError, suggestion } from '../../base/errors'
import type { Task } from './labelled'
import { NOT_FINITE, TargetColumn, isNumber, type TableTarget } from './target-column'

/** One row of a table of text. */
export interface Row {
  /** Where it begins in the file, from 1. */
  line: number
  cells: readonly string[]
}

export interface TableOptions {
  /** The column of labels or targets, by its name or its number from 1; the last one where nothing is said. */
  target?: string
  /** Whether the target is a class or a value; found out where nothing is said. */
  task?: Task
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

/** What one column holds, as far as it was read. */
interface Column {
  name: string
  first: string
  changes: boolean
  numbers: boolean
  words: Set<string>
}

/** How rows become samples, known once all of them were looked at. */
export interface TableColumns extends Omit<TableTarget, 'labelOf'> {
  /** Rows with samples. */
  samples: number
  /** Values of a sample. */
  length: number
  /** What was left out, one sentence each. */
  notes: string[]
  /** Whether the first row names columns. */
  hasHeader: boolean
  /** Values of a row, put into `x` from `at` on. @returns its class or value (see `TableTarget`) */
  take(row: Row, x: Float32Array, at: number): number | undefined
}

/**
 * A table to samples: columns of numbers as they are, columns of words as one value for each word (0 or 1), the target
 * as classes or values. Columns that never change say nothing, and are left out. Rows are looked at twice, one after
 * the other: here for what their columns hold, then by `take`. So none of them need be in memory.
 */
export class TableScan {
  private columns: Column[] = []
  private target = -1
  private column: TargetColumn | null = null
  private hasHeader = false
  private rows = 0

  /** @param where the file's name */
  constructor(
    private readonly options: TableOptions,
    private readonly where: string,
  ) {}

  /** Looks at the next row. @throws InputError with line and column of what does not fit */
  add(row: Row): void {
    if (this.columns.length === 0 && this.begin(row)) return
    const { columns, where } = this
    const { line, cells } = row
    if (cells.length !== columns.length) {
      throw new InputError(
        where,
        `line ${line} has ${cells.length} columns, and the first has ${columns.length}`,
        'Give every line as many, or say what separates them: --separator ";".',
      )
    }
    this.rows++
    cells.forEach((given, i) => {
      const cell = given.trim()
      if (!cell) {
        const what = `line ${line}, column "${columns[i].name}": there is no value`
        throw new InputError(where, what, 'Give one, or leave the line out.')
      }
      if (i === this.target) this.column!.add(cell, line)
      else this.addValue(columns[i], cell, line)
    })
  }

  /** @throws InputError where the rows are no samples */
  finish(): TableColumns {
    const { columns, where, target, hasHeader, rows } = this
    if (columns.length === 0)
      throw new InputError(where, 'there is nothing in it', 'Give a row for each sample.')
    if (rows === 0)
      throw new InputError(where, 'it names columns and has no samples', 'Give a row for each sample.')
    const { labelOf, ...own } = this.column!.finish()
    const values = columns.map(({ changes, numbers, words }, i) => {
      if (i === target || !changes) return []
      if (numbers) return [null]
      const sorted = [...words].sort()
      // Two words are one value: the second one's would be the first one's complement.
      return sorted.length === 2 ? sorted.slice(1) : sorted
    })
    const length = values.reduce((sum, own) => sum + own.length, 0)
    if (length === 0)
      throw new InputError(
        where,
        'no column changes from sample to sample',
        'Give values that tell samples apart.',
      )
    const constant = columns.filter(({ changes }, i) => i !== target && !changes)
    return {
      ...{ samples: rows, length, hasHeader, ...own },
      notes: constant.map(({ name }) => `Column "${name}" is the same in every sample, and was left out.`),
      take({ cells }, x, at) {
        values.forEach((own, i) => {
          const cell = own.length ? cells[i].trim() : ''
          for (const word of own) x[at++] = word === null ? Number(cell) : cell === word ? 1 : 0
        })
        return labelOf(cells[target].trim())
      },
    }
  }

  /** The first row. @returns whether it names columns, and is no sample */
  private begin(row: Row): boolean {
    if (row.cells.length < 2) {
      throw new InputError(
        this.where,
        'it has one column',
        'Give values and a label in each line, or say what separates them: --separator ";".',
      )
    }
    const { names, hasHeader } = columnNames(row, this.options.header)
    this.target = targetColumn(names, this.options.target)
    this.hasHeader = hasHeader
    this.column = new TargetColumn(names[this.target], this.options.task, this.where)
    this.columns = names.map((name) => {
      return { name, first: '', changes: false, numbers: false, words: new Set() }
    })
    return hasHeader
  }

  private addValue(column: Column, cell: string, line: number): void {
    const refuse = (what: string, hint: string) =>
      new InputError(this.where, `line ${line}, column "${column.name}": ${what}`, hint)
    if (NOT_FINITE.test(cell) || Math.abs(Number(cell)) > 3.4e38)
      throw refuse(`${cell} is not finite`, 'Give a finite number, or leave the line out.')
    if (isNumber(cell)) {
      if (column.words.size > 0) {
        const [word] = column.words
        throw refuse(
          `${cell} is a number, and "${word}" above it is none`,
          'Give numbers or words, not both.',
        )
      }
      if (column.numbers && Number(cell) !== Number(column.first)) column.changes = true
      if (!column.numbers) column.first = cell
      column.numbers = true
      return
    }
    if (column.numbers)
      throw refuse(
        `"${cell}" is no number, and others in this column are`,
        'Give numbers or words, not both.',
      )
    column.words.add(cell)
    column.changes = column.words.size > 1
    if (column.words.size > MOST_WORDS)
      throw refuse(
        `it holds more than ${MOST_WORDS} different words`,
        `Leave the column out: at most ${MOST_WORDS} become values.`,
      )
  }
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
