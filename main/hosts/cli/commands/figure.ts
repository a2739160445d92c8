import * as fs from 'node:fs'
import * as path from 'node:path'
import { choice } from '../../../../shared/base/check'
import { InputError } from '../../../../shared/base/errors'
import { csvOf } from '../../../../shared/figures/files'
import { captionOf } from '../../../../shared/figures/figure'
import { FIGURE_FORMATS, RESOLUTIONS } from '../../../../shared/figures/formats'
import { FIGURE_SIZES } from '../../../../shared/figures/layout'
import { DEFAULT_CHOICES, figureNamed, figuresOf } from '../../../../shared/figures/run-figures'
import { FIGURE_THEMES } from '../../../../shared/figures/themes'
import { AXIS_CHOICES } from '../../../../shared/charts/axis'
import type { RunDocument, RunKind } from '../../../../shared/runs/run'
import { figureFile } from '../../../figures/file'
import { replaceFile } from '../../../files/write'
import { findRun } from '../../../runs/find-run'
import { firstGiven } from '../options'
import type { CliCommand, CliGroup, CommandOption, OptionTexts } from '../command'
import { withTrainer } from '../job'
import { keepFromOptions, openLibrary } from '../keep'
import { needed } from '../needed'
import { print, printDocument } from '../output'
import type { RunCommand } from '../run-command'
import { depth } from './depth'
import { lesion } from './lesion'
import { order } from './order'
import { paths } from './paths'
import { shatter } from './shatter'
import { signal } from './signal'
import { train } from './train'

const valuesOf = <T extends string>(choices: readonly { value: T }[]): T[] =>
  choices.map(({ value }) => value)
const FORMATS = valuesOf(FIGURE_FORMATS)
const THEMES = valuesOf(FIGURE_THEMES)
const SIZES = valuesOf(FIGURE_SIZES)
const AXES = valuesOf(AXIS_CHOICES)

const OPTIONS: readonly CommandOption[] = [
  [`--format <${FORMATS.join('|')}>`, 'kind of file'],
  ['--out <PATH>', 'the file; its numbers go beside it, under the same name with .csv'],
  ['--chart <NAME>', 'which of the charts: q, p, test-error, … (the first one)'],
  [`--theme <${THEMES.join('|')}>`, 'what it is for (light)'],
  [
    `--size <${SIZES.join('|')}>`,
    `${FIGURE_SIZES.map(({ label, width }) => `${label}: ${width} mm`).join(', ')} (column)`,
  ],
  ['--words <on|off>', 'title, definition, finding and caption around the chart (on)'],
  ['--dpi <N>', `pixels of a PNG an inch (${RESOLUTIONS.usual})`],
  [`--axis <${AXES.join('|')}>`, 'of values over blocks (log2)'],
  ['--statistic <mean|median>', 'over networks (mean)'],
  ['--force', 'replace files that are there'],
]
const RUN: CommandOption = [
  '--run <RUN>',
  'a figure of this run in place of a new one: its id, the beginning of one, its name, or "last"',
]

/** A figure belongs to a run, so what is measured for one is always kept. */
const isOwn = ([flags]: CommandOption) => !/^--(keep|no-keep|run)\b/.test(flags)

/** Kinds of runs that a command makes. */
const KINDS: Readonly<Record<string, readonly RunKind[]>> = { shatter: ['shatter', 'regions'] }

/** A figure of what a command measures, or of a run that it made. */
const figureOf = (command: RunCommand): CliCommand => ({
  name: command.name,
  description: command.description,
  options: [...command.options.filter(isOwn), RUN, ...OPTIONS],
  async run(options) {
    const wanted = wantedFrom(options)
    const run = await runOf(command, options)
    const choices = { axis: wanted.axis, statistic: wanted.statistic }
    const chart = typeof options.chart === 'string' ? options.chart : null
    const figure = figureNamed(figuresOf(run, choices), chart, run.entry.id)
    const { format, out, look, resolution } = wanted
    const content = await figureFile(figure, format, look, { resolution, version: run.entry.version })
    const csv = csvOf(figure)
    const data = csv === null ? null : csvBeside(out)
    if (data && csv !== null) checkFree(data, csv, options)
    await replaceFile(out, content, 0o644)
    if (data && csv !== null) await replaceFile(data, csv, 0o644)
    if (options.json === true)
      printDocument({
        run: run.entry.id,
        chart: figure.id,
        format,
        path: out,
        data,
        caption: captionOf(figure),
      })
    else
      print(
        [`${figure.title}: ${out}`, ...(data ? [`its numbers: ${data}`] : []), captionOf(figure)].join('\n'),
      )
  },
})

/** What is asked of the file, checked before anything is computed. @throws InputError */
function wantedFrom(options: OptionTexts) {
  const pick = <T extends string>(key: string, values: readonly T[], usual?: T): T => {
    const given = options[key]
    if (given === undefined && usual !== undefined) return usual
    return choice(given ?? needed(options, key, `Choose ${values.join(', ')}.`), `--${key}`, values)
  }
  const format = pick('format', FORMATS)
  const out = path.resolve(needed(options, 'out', 'Say where the figure goes.'))
  if (!fs.existsSync(path.dirname(out)))
    throw new InputError(
      '--out',
      `there is no folder ${path.dirname(out)}`,
      'Make it first, or give another path.',
    )
  if (out === csvBeside(out))
    throw new InputError('--out', 'the figure’s numbers have this name', `End it with .${format}.`)
  checkFree(out, null, options)
  return {
    ...{ format, out, resolution: resolutionOf(options, format) },
    look: {
      theme: pick('theme', THEMES, 'light'),
      size: pick('size', SIZES, 'column'),
      words: pick('words', ['on', 'off'], 'on') === 'on',
    },
    axis: pick('axis', AXES, DEFAULT_CHOICES.axis),
    statistic: pick('statistic', ['mean', 'median'], DEFAULT_CHOICES.statistic),
  }
}

function resolutionOf({ dpi }: OptionTexts, format: string): number {
  const { least, most, usual } = RESOLUTIONS
  if (dpi === undefined) return usual
  if (format !== 'png')
    throw new InputError('--dpi', 'only a PNG has pixels', 'Leave it out, or ask for png.')
  const number = Number(dpi)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new InputError(
    '--dpi',
    `"${String(dpi)}" is no resolution`,
    `Give a whole number from ${least} to ${most}.`,
  )
}

const csvBeside = (out: string): string => path.join(path.dirname(out), `${path.parse(out).name}.csv`)

/** @param content what is there may be that already */
function checkFree(file: string, content: string | null, { force }: OptionTexts): void {
  if (force === true || !fs.existsSync(file)) return
  if (content !== null && fs.readFileSync(file, 'utf8') === content) return
  throw new InputError('--out', `${file} is there already`, 'Give another path, or --force to replace it.')
}

/** The run that the figure is of: the named one, or what the options ask for, measured and kept. */
async function runOf(command: RunCommand, options: OptionTexts): Promise<RunDocument> {
  const library = openLibrary()
  try {
    const named = typeof options.run === 'string' ? findRun(options.run, library.list().runs, '--run') : null
    const kinds = KINDS[command.name] ?? [command.name]
    if (named && kinds.includes(named.kind)) {
      const flag = firstGiven(options, command.options.filter(isOwn))
      if (flag) throw new InputError(flag, 'the run says it already', `Leave ${flag} out, or the run.`)
      return library.open(named.id)
    }
    // Some commands look at the networks of a training.
    const looksAtRuns = command.options.some(([flags]) => /^--run\b/.test(flags))
    if (named && !looksAtRuns)
      throw new InputError(
        '--run',
        `${named.id} is a run of ${named.kind}, which has no figure of ${command.name}`,
        `Ask for a figure of ${named.kind}, or give a run of ${command.name}.`,
      )
  } finally {
    await library.close()
  }
  const asked = command.ask(options)
  const { run } = await withTrainer((job) => asked.carryOut(keepFromOptions({ ...options, keep: true }), job))
  if (run === null)
    throw new Error('What was measured could not be kept as a run, to which a figure belongs.')
  const after = openLibrary()
  try {
    return after.open(run)
  } finally {
    await after.close()
  }
}

const COMMANDS = [signal, shatter, train, depth, order, lesion, paths]

/** Charts for a paper: of what a command measures, or of a run. */
export const figure: CliGroup = {
  name: 'figure',
  description: 'Make a figure as SVG, PDF or PNG of what a command measures, or of a run.',
  commands: COMMANDS.map(figureOf),
}
