import { InputError } from '../../base/errors'
import type { Target } from '../description'
import { MOST_NUMBERED_CLASSES, classNamesOf, type Task } from './labelled'

export const isNumber = (cell: string): boolean => cell.trim() !== '' && !Number.isNaN(Number(cell))
/** What programs write for a number that is none. */
export const NOT_FINITE = /^[+-]?(nan|inf(inity)?)$/i

/** Different labels after which nobody counts on: their column is none of classes. */
const MOST_LABELS = 100_000

/** What a table's target is, known once all of its cells were looked at. */
export interface TableTarget {
  classNames: string[]
  targets?: Target[]
  /** A cell's class or value; undefined or NaN for one that was not looked at. */
  labelOf(cell: string): number | undefined
}

/** The column that networks learn: classes, or where it holds other numbers than a few whole ones, values. */
export class TargetColumn {
  private readonly labels = new Set<string>()
  private areNumbers = true
  private areWhole = true
  /** The first cell that is no finite number. */
  private wrong: { cell: string; line: number } | null = null

  /** @param task absent: found out @param where the file's name */
  constructor(
    private readonly name: string,
    private readonly task: Task | undefined,
    private readonly where: string,
  ) {}

  /** Looks at the next cell. @throws InputError where it cannot be what is asked for */
  add(cell: string, line: number): void {
    const isFinite = isNumber(cell) && Number.isFinite(Math.fround(Number(cell)))
    if (!isFinite) this.wrong ??= { cell, line }
    if (!isNumber(cell) && !NOT_FINITE.test(cell)) this.areNumbers = false
    if (isFinite && !Number.isInteger(Number(cell))) this.areWhole = false
    if (this.task === 'regression') this.requireNumbers()
    if (this.labels.size <= MOST_LABELS) this.labels.add(cell)
    else if (this.task === 'classification' || !this.areNumbers) {
      throw new InputError(
        `${this.where}, column "${this.name}"`,
        `there are more than ${MOST_LABELS.toLocaleString('en')} different labels`,
        'Choose another target, or take numbers as values: --task regression.',
      )
    }
  }

  /** @throws InputError for too many classes, one alone, or values that are none */
  finish(): TableTarget {
    const isFew = this.areWhole && this.labels.size <= MOST_NUMBERED_CLASSES
    const found = this.task ?? (this.areNumbers && !isFew ? 'regression' : 'classification')
    if (found === 'classification') {
      const classNames = classNamesOf(this.labels, `${this.where}, column "${this.name}"`)
      const classes = new Map(classNames.map((name, i) => [name, i]))
      return { classNames, labelOf: (cell) => classes.get(cell) }
    }
    this.requireNumbers()
    const [, word, unit] = /^(.*\S)\s*[[(]([^\])]+)[\])]$/.exec(this.name) ?? []
    const target = unit === undefined ? { name: this.name } : { name: word, unit }
    return { classNames: [], targets: [target], labelOf: Number }
  }

  private requireNumbers(): void {
    if (!this.wrong) return
    throw new InputError(
      this.where,
      `line ${this.wrong.line}, column "${this.name}": "${this.wrong.cell}" is no finite number`,
      'Leave the line out, or take the target as classes: --task classification.',
    )
  }
}
