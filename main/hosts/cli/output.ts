import { counted } from '../../../shared/base/format'
import { nonFiniteAsText } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'

/** The version of the documents that --json prints; a change that scripts would notice is a new one. */
const DOCUMENT_VERSION = 1

/** One line, or several, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/**
 * The one JSON document of a command, its version first; non-finite numbers are the strings that the contract
 * names.
 */
export function printDocument(document: object): void {
  print(JSON.stringify({ version: DOCUMENT_VERSION, ...document }, nonFiniteAsText, 2))
}

/** How large an experiment's networks are, as the headlines of results have it. */
export const sizeText = ({ blocks, width }: Experiment): string =>
  `${counted(blocks, 'block')}, width ${width}`

/** Lines of a table whose columns are as wide as their longest cell. Every row has as many cells as the first. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  )
}
