import * as path from 'node:path'
import { Readable, pipeline } from 'node:stream'
import { CsvError, parse, type Parser } from 'csv-parse'
import { InputError } from '../../shared/base/errors'
import { separatorOf, type Row } from '../../shared/data/readers/table'
import { bytesOf } from './file-bytes'

/** Characters of one row: an open quotation mark would take all that follows for one cell. */
const LONGEST_ROW = 2 ** 26

/**
 * Rows of a text with separators, one after the other, whatever the file's length.
 * @param onRead hears of the bytes that were read of the file
 * @throws InputError for what is no text, or has a quotation mark where none may be
 */
export async function* rowsOf(
  file: string,
  separator?: string,
  onRead?: (bytes: number) => Promise<void>,
): AsyncGenerator<Row, void> {
  const where = path.basename(file)
  const texts = textsOf(file, where, onRead)
  const first = await texts.next()
  if (first.done) return
  const parser = parse({
    delimiter: separator ?? separatorOf(first.value),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
  })
  async function* all() {
    yield first.value as string
    yield* texts
  }
  // An error of the texts comes out of the parser, too.
  pipeline(Readable.from(all()), parser, () => {})
  let last = 0
  try {
    for await (const { record, info } of parser as Parser & AsyncIterable<Found>) {
      const lines = 1 + record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0)
      last = Math.max(last + 1, info.lines - lines + 1)
      yield { line: last, cells: record }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = typeof error.lines === 'number' ? `line ${error.lines}: ` : ''
    throw new InputError(
      where,
      `${line}a quotation mark stands where none may`,
      'Close it, or double those that belong to a cell.',
    )
  }
}

interface Found {
  record: string[]
  info: { lines: number }
}

async function* textsOf(file: string, where: string, onRead?: (bytes: number) => Promise<void>) {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const textOf = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      const hint = 'Give CSV, NPY, NPZ, IDX (each also as .gz), or CIFAR-10’s .bin files.'
      throw new InputError(where, 'it is neither text in UTF-8 nor a form of file that is known', hint)
    }
  }
  for await (const bytes of bytesOf(file, onRead)) yield textOf(bytes)
  yield textOf()
}
