import { InputError } from '../../../../shared/base/errors'
import { bibtexOf } from '../../../../shared/report/bibtex'
import { methodsOf } from '../../../../shared/report/methods'
import type { RunDocument } from '../../../../shared/runs/run'
import { findRun } from '../../../runs/find-run'
import type { RunLibrary } from '../../../runs/library'
import { JSON_OPTION, type CliCommand } from '../command'
import { openLibrary } from '../keep'
import { needed } from '../needed'
import { print, printDocument } from '../output'

/** What was done in runs, for a paper. */
export const report: CliCommand = {
  name: 'report',
  description: 'Methods and references of runs, for a paper.',
  options: [
    ['--runs <RUN,RUN>', 'which runs, with commas between'],
    ['--methods', 'print a paragraph for each that says what was done'],
    ['--bibtex', 'print the software and the papers of blocks, remedies, data and training in BibTeX'],
    JSON_OPTION,
  ],
  async run(options) {
    const library = openLibrary()
    try {
      const documents = documentsOf(library, needed(options, 'runs', 'Name the runs, with commas between.'))
      const { paragraphs, references, versions } = methodsOf(documents)
      const bibtex = bibtexOf(references, versions)
      if (options.json === true) return printDocument({ methods: paragraphs, bibtex })
      if (options.methods === true) print(paragraphs.map(({ text }) => text).join('\n\n'))
      else if (options.bibtex === true) print(bibtex.trimEnd())
      else throw new InputError('--methods', 'it is not said what is wanted', 'Give --methods or --bibtex.')
    } finally {
      await library.close()
    }
  },
}

/** Each run once, in the order given. @throws InputError for one that is not there, or has not ended */
function documentsOf(library: RunLibrary, text: string): RunDocument[] {
  const { runs } = library.list()
  const ids = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => findRun(one, runs).id)
  if (!ids.length) throw new InputError('--runs', 'it names no run', 'Name the runs, with commas between.')
  return [...new Set(ids)].map((id) => library.open(id))
}
