import { InputError } from '../../../../shared/base/errors'
import { numberOrText } from '../../../../shared/base/decimal'
import { figureNamed, figuresOf } from '../../../../shared/figures/run-figures'
import { stepsOf } from '../../../../shared/figures/training-figures'
import type { RunDocument, RunKind } from '../../../../shared/runs/run'
import { findRun } from '../../../runs/find-run'
import type { CliCommand, CommandOption, OptionTexts } from '../command'
import { withTrainer } from '../job'
import { keepFromOptions, openLibrary } from '../keep'
import { firstGiven } from '../options'
import type { RunCommand } from '../run-command'
import { AXIS_OPTION, FILE_OPTIONS, STATISTIC_OPTION, choicesFrom, wantedFile, writeFigure } from './output'

const RUN: CommandOption = [
  '--run <RUN>',
  'a figure of this run in place of a new one: its id, the beginning of one, its name, or "last"',
]
const CHART: CommandOption = [
  '--chart <NAME>',
  'which of the charts: q, p, test-error, … (the first one); one that is not there is refused with those that are',
]
const STEP: CommandOption = [
  '--step <N>',
  'of charts over blocks: after so many updates, one of those at which the run keeps its networks (the last)',
]

/** A figure belongs to a run, so what is measured for one is always kept. */
const isOwn = ([flags]: CommandOption) => !/^--(keep|no-keep|run)\b/.test(flags)

/** Kinds of runs that a command makes. */
const KINDS: Readonly<Record<string, readonly RunKind[]>> = { shatter: ['shatter', 'regions'] }

/** A figure of what a command measures, or of a run that it made. */
export const figureOf = (command: RunCommand): CliCommand => ({
  name: command.name,
  description: command.description,
  options: [
    ...command.options.filter(isOwn),
    ...[RUN, CHART, ...FILE_OPTIONS, AXIS_OPTION, STATISTIC_OPTION],
    ...(command.name === 'train' ? [STEP] : []),
  ],
  async run(options) {
    const wanted = wantedFile(options)
    const choices = choicesFrom(options)
    const run = await runOf(command, options)
    const step = stepFrom(options, run)
    const chart = typeof options.chart === 'string' ? options.chart : null
    const figure = figureNamed(figuresOf(run, { ...choices, step }), chart, run.entry.id)
    await writeFigure(figure, wanted, { run: run.entry.id })
  },
})

/** @throws InputError for a step of which the run keeps no networks, with those that are there */
function stepFrom({ step: text }: OptionTexts, run: RunDocument): number | null {
  if (typeof text !== 'string') return null
  const steps = stepsOf(run)
  const step = numberOrText(text)
  if (typeof step === 'number' && steps.includes(step)) return step
  const none = `${run.entry.id} keeps no networks block by block`
  if (!steps.length) throw new InputError('--step', none, 'Leave it out, or give a training.')
  const named = steps.length > 12 ? [...steps.slice(0, 6), '…', ...steps.slice(-3)] : steps
  throw new InputError(
    '--step',
    `${run.entry.id} keeps its networks at other steps than "${text}"`,
    `Choose ${named.join(', ')}.`,
  )
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
    if (named && command.name === 'shatter')
      throw new InputError(
        '--run',
        `what shatter measures of ${named.id} becomes no run, and a figure belongs to one`,
        'Give a run of shatter, or take the figure from the screen’s Shatter tab.',
      )
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
