export type Cell = string | number | null

/** RFC 4180, numbers with every digit they have; non-finite ones as Infinity, -Infinity, NaN, absent ones empty. */
export const toCsv = (header: readonly string[], rows: Iterable<readonly Cell[]>): string =>
  [...toCsvLines(header, rows)].join('')

/** The same line by line, each with its end, for tables that are too long to be one text. */
export function* toCsvLines(header: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  yield lineOf(header)
  for (const row of rows) yield lineOf(row)
}

const lineOf = (row: readonly Cell[]) => `${row.map(cell).join(',')}\r\n`

function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
