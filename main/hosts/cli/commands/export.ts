import { EXPORT_FORMS, exportForm } from '../../../../shared/export/forms'
import { dataFolder } from '../../../files/data-folder'
import { findRun } from '../../../runs/find-run'
import { exportInThread } from '../../lab/export-in-thread'
import { JSON_OPTION, type CliCommand } from '../command'
import { untilInterrupted } from '../in-thread'
import { showProgress } from '../job'
import { openLibrary } from '../keep'
import { asOption, needed, ordinal } from '../needed'
import { print, printDocument } from '../output'

/** A run's network in the form of another program. */
export const exportCommand: CliCommand = {
  name: 'export <RUN>',
  description: 'Export a network of a run for other frameworks, and prove that it computes the same.',
  options: [
    [`--format <${EXPORT_FORMS.map(({ name }) => name).join('|')}>`, 'what is to open it'],
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
    const names = EXPORT_FORMS.map((form) => form.name).join(', ')
    const format = exportForm(needed(options, 'format', `Choose ${names}.`), '--format').name
    const out = needed(options, 'out', 'Say where the export goes.')
    const request = {
      ...{ format, out, force: options.force === true, float16: options.float16 === true },
      fold: options.fold === true,
      series: options.series === undefined ? null : ordinal(options.series, '--series'),
      replica: options.replica === 'all' ? null : ordinal(options.replica ?? '1', '--replica', ', or all'),
      licence: typeof options.licence === 'string' ? options.licence : null,
    }
    const id = await runId(text)
    const exported = await untilInterrupted((signal) =>
      exportInThread(dataFolder(), id, request, { signal, onProgress: showProgress }),
    ).catch(asOption)
    if (options.json === true) return printDocument({ run: id, format, exports: exported })
    for (const one of exported) {
      const difference = one.proof.relativeDifference.toExponential(1)
      print(
        `${one.network}, replica ${one.replica}: ${one.path}\n` +
          `opened again: the largest difference is ${difference} of the largest output`,
      )
    }
  },
}

async function runId(text: string): Promise<string> {
  const library = openLibrary()
  try {
    return findRun(text, library.list().runs).id
  } finally {
    await library.close()
  }
}
