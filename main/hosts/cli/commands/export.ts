import { InputError } from '../../../../shared/base/errors'
import { EXPORT_FORMATS, formatNamed } from '../../../export/formats'
import { exportRun } from '../../../export/export-run'
import { findRun } from '../../../runs/find-run'
import { JSON_OPTION, type CliCommand } from '../command'
import { openLibrary } from '../keep'
import { needed } from '../needed'
import { print, printDocument } from '../output'

/** A run's network in the form of another program. */
export const exportCommand: CliCommand = {
  name: 'export <RUN>',
  description: 'Export a network of a run for other frameworks, and prove that it computes the same.',
  options: [
    [`--format <${EXPORT_FORMATS.map(({ name }) => name).join('|')}>`, 'what is to open it'],
    ['--out <PATH>', 'where it goes: a folder or a file, as the format has it'],
    ['--series <K>', 'which network, where the run has several; they count from 1'],
    ['--replica <R|all>', 'which of the networks that differ in their seeds alone (the first)'],
    ['--fold', 'make each batch norm part of the layer before it, where it stands right behind one'],
    ['--float16', 'half precision: half the size, three significant digits'],
    ['--licence <TEXT>', 'of the weights, for those who get them'],
    ['--force', 'replace an export that is there'],
    JSON_OPTION,
  ],
  async run(options, text) {
    const format = formatNamed(
      needed(options, 'format', `Choose ${EXPORT_FORMATS.map((f) => f.name).join(', ')}.`),
    )
    const out = needed(options, 'out', 'Say where the export goes.')
    const library = openLibrary()
    try {
      const { id } = findRun(text, library.list().runs)
      const exported = await exportRun(library, id, {
        ...{ format, out, force: options.force === true, isFloat16: options.float16 === true },
        fold: options.fold === true,
        series: typeof options.series === 'string' ? count(options.series, '--series') : null,
        replica: options.replica === 'all' ? null : count(options.replica ?? '1', '--replica'),
        licence: typeof options.licence === 'string' ? options.licence : null,
      })
      if (options.json === true) printDocument({ run: id, format: format.name, exports: exported })
      else
        for (const one of exported) {
          const difference = one.proof.relativeDifference.toExponential(1)
          print(
            `${one.network}, replica ${one.replica}: ${one.path}\n` +
              `opened again: the largest difference is ${difference} of the largest output`,
          )
        }
    } finally {
      await library.close()
    }
  },
}

function count(text: string | boolean, where: string): number {
  if (typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text)) return Number(text)
  const hint = `Give a whole number from 1${where === '--replica' ? ', or all' : ''}.`
  throw new InputError(where, `"${text}" is not a number of one`, hint)
}
