import { version } from '../../../../package.json'
import { InputError } from '../../../../shared/base/errors'
import { figureOfRuns } from '../../../../shared/figures/comparison-figures'
import { ALIGNMENTS } from '../../../../shared/runs/comparison'
import {
  canAlign,
  groupChoices,
  questionFor,
  xChoices,
  yChoices,
  type Choice,
} from '../../../../shared/runs/comparison-choices'
import { readRun } from '../../../../shared/runs/readings'
import { BANDS, CENTRES } from '../../../../shared/runs/statistics'
import { JSON_OPTION, type CliCommand, type OptionTexts } from '../command'
import { openLibrary } from '../keep'
import { needed } from '../needed'
import { openRuns } from '../of-run'
import { FILE_OPTIONS, picked, pickedByName, valuesOf, wantedFile, writeFigure } from './output'

/** Several runs in one chart, as Runs compares them. */
export const runsFigure: CliCommand = {
  name: 'runs',
  description: 'Several runs in one chart: any number against its axis, a setting or another number.',
  options: [
    ['--runs <RUN,RUN>', 'which runs, with commas between'],
    [
      '--number <NAME>',
      'what is drawn: q-block, test-error-step, test-error-last, … (the first that they have)',
    ],
    ['--over <NAME>', 'what it is drawn against: axis, another number, or a setting as setting-width (axis)'],
    [
      '--group <NAME>',
      'what makes a line: series, name, run, or a setting (series; of single numbers, name)',
    ],
    [`--align <${valuesOf(ALIGNMENTS).join('|')}>`, 'by what learning curves lie over each other (step)'],
    [`--centre <${valuesOf(CENTRES).join('|')}>`, 'of a group (mean)'],
    [`--band <${valuesOf(BANDS).join('|')}>`, 'around it (mean95)'],
    ['--scale <linear|log>', 'of the values (log where they are far apart)'],
    ...FILE_OPTIONS,
    JSON_OPTION,
  ],
  async run(options) {
    const wanted = wantedFile(options)
    const align = picked(options, 'align', valuesOf(ALIGNMENTS), 'step')
    const centre = picked(options, 'centre', valuesOf(CENTRES), 'mean')
    const band = picked(options, 'band', valuesOf(BANDS), 'mean95')
    const scale = options.scale === undefined ? null : picked(options, 'scale', ['linear', 'log'])
    const library = openLibrary()
    try {
      const runs = openRuns(library, needed(options, 'runs', 'Name the runs, with commas between.'))
      const series = runs.flatMap((run) => readRun(run))
      const ids = runs.map(({ entry }) => entry.id)
      const numbers = yChoices(series)
      if (!numbers.length)
        throw new InputError(
          '--runs',
          `${ids.join(', ')} have no numbers`,
          'Name runs that have measured something.',
        )
      const y = chosen(options, 'number', numbers) ?? numbers[0].value
      const x = chosen(options, 'over', xChoices(series, y))
      const groupBy = chosen(options, 'group', groupChoices(series))
      const question = questionFor(series, {
        y,
        align,
        centre,
        band,
        ...(x && { x }),
        ...(groupBy && { groupBy }),
      })
      if (align !== 'step' && !canAlign(question))
        throw new InputError('--align', 'only curves over steps are aligned', 'Leave it out.')
      const isLog = scale === null ? undefined : scale === 'log'
      await writeFigure(figureOfRuns(runs, question, { version, isLog }), wanted, { runs: ids })
    } finally {
      await library.close()
    }
  },
}

/** @throws InputError for what these runs do not have, with what they have */
const chosen = (options: OptionTexts, key: string, all: readonly Choice[]): string | undefined =>
  pickedByName(options, key, { all, nameOf: ({ value }) => value, whose: 'these runs have' })?.value
