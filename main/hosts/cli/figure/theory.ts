import { version } from '../../../../package.json'
import { InputError, suggestion } from '../../../../shared/base/errors'
import { theoryFigures } from '../../../../shared/figures/theory-figures'
import type { CliCommand } from '../command'
import { theory } from '../commands/theory'
import { inCommandThread } from '../in-thread'
import { experimentFromOptions } from '../options'
import { AXIS_OPTION, FILE_OPTIONS, choicesFrom, wantedFile, writeFigure } from './output'

/** What theory says, drawn: nothing is measured, so there is no run. */
export const theoryFigure: CliCommand = {
  name: theory.name,
  description: theory.description,
  options: [...theory.options, ['--chart <q|v|m|p>', 'which quantity (q)'], ...FILE_OPTIONS, AXIS_OPTION],
  async run(options) {
    const wanted = wantedFile(options)
    const choices = choicesFrom(options)
    const experiment = experimentFromOptions(options)
    const headers = await inCommandThread('theory', experiment)
    const figures = theoryFigures(headers, { experiment, version }, choices)
    const names = figures.map(({ id }) => id)
    const chart = typeof options.chart === 'string' ? options.chart : names.at(0)
    const figure = figures.find(({ id }) => id === chart)
    if (figure) return writeFigure(figure, wanted, { run: null })
    if (!names.length) {
      const why = headers.flatMap(({ theory: { note } }) => Object.values(note)).at(0)
      throw new InputError('theory', why ?? 'it has no answer for these networks', 'Choose another block.')
    }
    const hint = suggestion(chart ?? '', names, `Choose ${names.join(', ')}.`)
    throw new InputError('--chart', `theory has no "${chart}" of these networks`, hint)
  },
}
