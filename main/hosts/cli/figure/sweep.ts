import { InputError } from '../../../../shared/base/errors'
import { numberOrText } from '../../../../shared/base/decimal'
import {
  SWEEP_CHARTS,
  seriesOfTable,
  sweepFigure,
  type SweepLook,
} from '../../../../shared/figures/sweep-figures'
import { seriesAt } from '../../../../shared/runs/series-at'
import { keptSweep, type ShownSweep } from '../../../../shared/runs/shown-sweep'
import { readPoint, sweepFigures } from '../../../../shared/runs/sweep-reading'
import type { RunDocument, RunEntry } from '../../../../shared/runs/run'
import { setting } from '../../../../shared/settings/table'
import { valueText } from '../../../../shared/sweep/words'
import { ownCommand } from '../../../files/program'
import { findRun } from '../../../runs/find-run'
import { JSON_OPTION, type CliCommand, type OptionTexts } from '../command'
import { openLibrary } from '../keep'
import { needed } from '../needed'
import { FILE_OPTIONS, picked, pickedByName, wantedFile, writeFigure } from './output'

/** What the library holds of a sweep, as the Sweep view draws it. */
export const sweepFigureCommand: CliCommand = {
  name: 'sweep',
  description:
    'A sweep that was done: a map of two settings, a number against one, or the chart of every point.',
  options: [
    ['--run <SWEEP>', 'the sweep: its id, its name, any of its runs, or "last"'],
    [`--chart <${SWEEP_CHARTS.join('|')}>`, 'what is drawn (map of two settings, curve of one)'],
    [
      '--number <NAME>',
      'what is drawn: growth, gradient-growth, rate, q-last, test-error-last, … (the first)',
    ],
    ['--networks <NAME>', 'whose map it is, as the curves’ legend calls them (the first)'],
    ['--at <VALUE>', 'of two swept settings, the value of the second that a curve is at (the last)'],
    ...FILE_OPTIONS,
    JSON_OPTION,
  ],
  async run(options) {
    const wanted = wantedFile(options)
    const library = openLibrary()
    try {
      const { runs } = library.list()
      const shown = sweepNamed(needed(options, 'run', 'Name the sweep, one of its runs, or last.'), runs)
      const documents = new Map<number, RunDocument>(
        shown.points.map(({ index, run }) => [index, library.open(run!.id)]),
      )
      const number = numberFrom(options, shown)
      const table = shown.points.map((point) => ({
        point,
        series: seriesAt(readPoint(documents.get(point.index)!), number.key),
      }))
      const look = lookFrom(options, shown, number, table)
      const [first] = documents.values()
      await writeFigure(sweepFigure({ shown, table }, look, first), wanted, { run: shown.id })
    } finally {
      await library.close()
    }
  },
}

/** @throws InputError where no run is a point of it */
function sweepNamed(text: string, runs: readonly RunEntry[]): ShownSweep {
  const points = runs.filter(({ sweep, removed }) => sweep && removed === null)
  const own =
    text === 'last' ? points.at(0) : points.find(({ sweep }) => sweep!.id === text || sweep!.name === text)
  const run = own ?? (text === 'last' ? null : findRun(text, runs, '--run'))
  if (!run) throw new InputError('--run', 'there is no sweep yet', `Do one: ${ownCommand('sweep signal …')}.`)
  if (!run.sweep)
    throw new InputError('--run', `${run.id} is no point of a sweep`, 'Name a sweep, or one of its runs.')
  const shown = keptSweep(runs, run.sweep.id)
  if (shown) return shown
  throw new InputError('--run', `no point of ${run.sweep.id} is finished`, 'Let its command go on first.')
}

function numberFrom(options: OptionTexts, { kind, id }: ShownSweep): SweepLook['number'] {
  const all = sweepFigures(kind)
  return pickedByName(options, 'number', { all, nameOf: ({ key }) => key, whose: `${id} has` }) ?? all[0]
}

function lookFrom(
  options: OptionTexts,
  { swept, points, id }: ShownSweep,
  number: SweepLook['number'],
  table: Parameters<typeof seriesOfTable>[0],
): SweepLook {
  const [, y] = swept
  const chart = picked(options, 'chart', SWEEP_CHARTS, y ? 'map' : 'curve')
  if (chart === 'map' && !y)
    throw new InputError('--chart', `${id} sweeps one setting, which is no map`, 'Choose curve, multiples.')
  const series = seriesOfTable(table)
  if (!series.length)
    throw new InputError('--run', `the runs of ${id} cannot be read`, 'Look at them in Runs.')
  const { networks, at: atText } = options
  const own = typeof networks === 'string' ? series.find(({ name }) => name === networks) : series[0]
  if (!own) {
    const names = series.map(({ name }) => name)
    throw new InputError('--networks', `${id} has no "${String(networks)}"`, `Choose ${names.join(', ')}.`)
  }
  const last = y ? (points.at(-1)?.settings[y.key] ?? null) : null
  const at = typeof atText === 'string' ? numberOrText(atText) : last
  if (typeof atText === 'string' && !(y && y.values.includes(at as number))) {
    const values = y ? `Choose ${y.values.map(valueText).join(', ')}.` : 'Leave it out.'
    const what = y ? `${setting(y.key).label} was never ${atText}` : 'one setting is swept'
    throw new InputError('--at', what, values)
  }
  return { chart, number, series: own.id, at: at as number | null, hidden: [] }
}
