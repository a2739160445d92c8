import type { pythonNames } from '../names'
import type { ChannelOrder } from '../layout'
import type { ExportedNetwork } from '../network'
import type { CodeDialect, PartText } from './dialect'
import { headingOf, partTitle } from './heading'
import { runsOf } from './runs'
import { statementsOf } from './statements'

/** A number as Python writes it. */
export const python = (value: number): string => {
  if (Number.isFinite(value)) return String(value)
  return `float('${Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'}')`
}

/** What all dialects of Python have in common. */
export const PYTHON: Pick<CodeDialect, 'number' | 'again' | 'blankLines'> = {
  number: python,
  again: (word, index) => `${word}_${index}`,
  blankLines: 2,
}

/** The same of those whose layers are kept by classes. */
export const PYTHON_CLASSES: typeof PYTHON & Pick<CodeDialect, 'className' | 'keptNumber'> = {
  ...PYTHON,
  className: (base, index) => `${base}${index ?? ''}`,
  keptNumber: (word) => `self.${word}`,
}

/**
 * What the network is, and what the code imports.
 * @param own imports of Python's own beside json and math
 * @param others those of packages
 */
export function pythonPreamble(
  network: ExportedNetwork,
  order: ChannelOrder,
  code: string,
  own: readonly string[],
  others: readonly string[],
): string {
  const [first, ...rest] = headingOf(network, order)
  return [
    ...[`"""${first}`, ...rest, '"""'],
    'import json',
    ...(code.includes('math.') ? ['import math'] : []),
    ...[...own, '', ...others],
  ].join('\n')
}

/** Lines that stand deeper. */
export const indented = (lines: readonly string[], spaces: number): string[] =>
  lines.map((line) => (line ? ' '.repeat(spaces) + line : line))

/** Entries of a list, one a line; those in a row that are alike as one comprehension. */
export const listEntries = (entries: readonly string[]): string[] =>
  runsOf(entries).map(({ text, count }) =>
    count === 1 ? `${text},` : `*[${text} for _ in range(${count})],`,
  )

/** The lines of a list of these entries, with what stands before it. */
export function pythonList(before: string, entries: readonly string[]): string[] {
  const [run, ...others] = runsOf(entries)
  if (others.length === 0 && run.count > 1) return [`${before}[${run.text} for _ in range(${run.count})]`]
  return [`${before}[`, ...indented(listEntries(entries), 4), ']']
}

/** The lines of a part's value. @param selfOf how what is kept of a node is read, of its name in Python */
export function pythonStatements(
  { part, layers }: Pick<PartText, 'part' | 'layers'>,
  names: ReadonlyMap<string, string>,
  selfOf: (name: string, id: string) => string,
): string[] {
  const nameOf = (id: string) => ({ word: names.get(id)!, self: selfOf(names.get(id)!, id) })
  return statementsOf(part, layers, nameOf).map(({ variable, value, comment }) => {
    const behind = comment ? `  # ${comment}` : ''
    return `${variable === null ? 'return' : `${variable} =`} ${value}${behind}`
  })
}

/** How a framework's classes of layers are declared. */
interface ClassForm {
  base: string
  /** The method that computes values, with what it takes beside `h`. */
  method: string
  also?: string
  names: typeof pythonNames
}

/** A part as a class that makes its layers, and computes with them. */
export function pythonClass(text: PartText, { base, method, also = '', names }: ClassForm): string {
  const { name, part, layers, given, kept } = text
  const own = names(part.nodes.map(({ id }) => id))
  const made = part.nodes.flatMap(({ id }, i) => {
    const { module } = layers[i]
    return module === null ? [] : [`self.${own.get(id)!} = ${module}`]
  })
  const init = [
    `def __init__(${['self', ...given].join(', ')}):`,
    ...indented(['super().__init__()', ...kept.map((word) => `self.${word} = ${word}`), ...made], 4),
  ]
  const values = pythonStatements(text, own, (word) => `self.${word}`)
  return [
    `class ${name}(${base}):`,
    `    """${partTitle(part)}."""`,
    '',
    ...(made.length || given.length ? [...indented(init, 4), ''] : []),
    ...indented([`def ${method}(self, h${also}):`, ...indented(values, 4)], 4),
  ].join('\n')
}
