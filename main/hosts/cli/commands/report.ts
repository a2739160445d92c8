import * as path from 'node:path'
import { choice } from '../../../../shared/base/check'
import { InputError } from '../../../../shared/base/errors'
import { bibtexOf } from '../../../../shared/report/bibtex'
import { REPORT_FORMATS } from '../../../../shared/report/formats'
import { methodsOf } from '../../../../shared/report/methods'
import { LONGEST_PROSE, LONGEST_TITLE } from '../../../../shared/report/report'
import type { RunDocument } from '../../../../shared/runs/run'
import { readTextFile } from '../../../files/read'
import { writeReport } from '../../../report/write-report'
import { JSON_OPTION, type CliCommand, type OptionTexts } from '../command'
import { openLibrary } from '../keep'
import { asOption, needed } from '../needed'
import { openRuns } from '../of-run'
import { print, printDocument } from '../output'

const FORMATS = REPORT_FORMATS.map(({ name }) => name)

/** Runs in a paper: one document of them, or what it needs to say and to cite. */
export const report: CliCommand = {
  name: 'report',
  description: 'Runs, their charts and your words as one document; or methods and references for a paper.',
  options: [
    ['--runs <RUN,RUN>', 'which runs, with commas between'],
    ['--out <PATH>', 'the file of the report'],
    [`--format <${FORMATS.join('|')}>`, 'what the report is (as its name ends, else html)'],
    ['--title <TEXT>', 'of the report; without one it is called by its runs'],
    ['--prose <FILE>', 'your words, in Markdown, before the runs; those on a run are its note'],
    ['--force', 'replace a file that is there'],
    ['--methods', 'print a paragraph for each run that says what was done, and write nothing'],
    [
      '--bibtex',
      'print the software and the papers of blocks, remedies, data and training, and write nothing',
    ],
    JSON_OPTION,
  ],
  async run(options) {
    const library = openLibrary()
    try {
      const runs = openRuns(library, needed(options, 'runs', 'Name the runs, with commas between.'))
      if (options.methods === true || options.bibtex === true) printWords(runs, options)
      else await write(runs, options)
    } finally {
      await library.close()
    }
  },
}

function printWords(runs: readonly RunDocument[], options: OptionTexts): void {
  const { paragraphs, references, versions } = methodsOf(runs)
  const bibtex = bibtexOf(references, versions)
  if (options.json === true) return printDocument({ methods: paragraphs, bibtex })
  if (options.methods === true) print(paragraphs.map(({ text }) => text).join('\n\n'))
  if (options.bibtex === true) print(bibtex.trimEnd())
}

async function write(runs: readonly RunDocument[], options: OptionTexts): Promise<void> {
  const out = needed(options, 'out', 'Say where the report goes, or give --methods or --bibtex.')
  const format = choice(options.format ?? formatOf(out), '--format', FORMATS)
  const title = typeof options.title === 'string' ? options.title : ''
  if (title.length > LONGEST_TITLE)
    throw new InputError('--title', 'it is too long', `Give at most ${LONGEST_TITLE} characters.`)
  const prose = typeof options.prose === 'string' ? proseIn(options.prose) : ''
  const place = { out, force: options.force === true }
  await writeReport({ title, prose, runs }, format, place).catch(asOption)
  const ids = runs.map(({ entry }) => entry.id)
  if (options.json === true) printDocument({ runs: ids, format, path: path.resolve(out) })
  else print(`The report on ${ids.join(', ')} is in ${out}.`)
}

const formatOf = (out: string): string => (/\.pdf$/i.test(out) ? 'pdf' : 'html')

/** @throws InputError for a file that cannot be read, or is too long */
function proseIn(file: string): string {
  try {
    const prose = readTextFile(file, 4 * LONGEST_PROSE)
    if (prose.length <= LONGEST_PROSE) return prose
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new InputError('--prose', `there is no file ${file}`, 'Give another path.')
    throw error
  }
  throw new InputError('--prose', `${file} is too long`, `Give at most ${LONGEST_PROSE} characters.`)
}
