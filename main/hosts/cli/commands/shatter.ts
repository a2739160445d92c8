import { numberOrText } from '../../../../shared/base/decimal'
import { InputError } from '../../../../shared/base/errors'
import type { Experiment } from '../../../../shared/settings/experiment'
import type { ShatterResult, ShatterSeries, Band } from '../../../../shared/shatter/results'
import { defaultShatter, parseShatter, type ShatterSettings } from '../../../../shared/settings/shatter'
import { shatterExperiment, tableLags } from '../../../../shared/shatter/shatter'
import { parseSampleLine, trainedShatter } from '../../../../shared/shatter/trained'
import { shatterNetworks } from '../../../../shared/shatter/networks'
import { shatterMemory, signalMemory } from '../../../trainer/engine/memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import type { OptionTexts } from '../command'
import { asDocument } from '../job'
import { KEEP_OPTIONS, runField } from '../keep'
import { RUN_OPTION, runFromOptions, type TrainedRun } from '../of-run'
import { experimentFromOptions, experimentOptions } from '../options'
import { table } from '../output'
import { regions } from '../regions'
import { runCommand, type Asked } from '../run-command'

const DEFAULTS: Partial<Experiment> = { width: 200 }

const { points, range, center, beta } = defaultShatter()

/** Networks of one input along a line. */
export const shatter = runCommand({
  name: 'shatter',
  description: 'How the derivative of a network of one input changes along a line: shattered gradients.',
  options: [
    ...experimentOptions(DEFAULTS),
    ['--points <P>', `points on the line. Default: ${points}.`],
    ['--range <a,b>', `first and last point. Default: ${range.join(',')}.`],
    [
      '--center <on|off>',
      `subtract from each ReLU’s input its mean over the line, per unit. Default: ${center}.`,
    ],
    [
      '--beta <B>',
      `factor on every branch that holds a batch normalisation, h + B × branch. Default: ${beta}.`,
    ],
    ['--references <on|off>', 'also shallow plain, deep plain, residual, residual with BN. Default: off.'],
    ['--lags <K>', 'largest lag of the autocorrelation. Default: half of the points.'],
    [
      '--regions',
      'count linear regions of the line instead, of one block and remedy, without its skip connections and with them',
    ],
    RUN_OPTION,
    ['--from <I>', 'with --run: the test sample, from 0, at which the line begins. Default: 0.'],
    ['--to <J>', 'with --run: the test sample at which it is for x = 1. Default: 1.'],
    ...KEEP_OPTIONS,
  ],
  ask(options) {
    const saved = runFromOptions(options)
    if (saved) return askTrained(saved, options)
    const alone = ['from', 'to'].find((name) => options[name] !== undefined)
    if (alone !== undefined)
      throw new InputError(`--${alone}`, 'it is of trained networks', 'Name their run: --run RUN.')
    refuseInput(options)
    const experiment = shatterExperiment(experimentFromOptions(options, DEFAULTS))
    const settings = settingsOf(options, experiment.shatter)
    if (options.regions === true) return regions(experiment, settings, options)
    // Refuses blocks that take no points of a line.
    shatterNetworks(experiment, settings)
    return {
      experiment,
      beside: settings,
      async carryOut(keep, job) {
        const needed = shatterMemory(experiment, prepareSeries(experiment), settings)
        const body = { experiment: asDocument(experiment), settings: { ...settings } }
        const { device, result, run } = await job('shatter', body, needed, keep)
        const { blocks, width, replicas } = experiment
        const size = `${blocks} blocks, width ${width}, ${settings.points} points, n = ${replicas}`
        return {
          run,
          document() {
            const { points, range, center, beta } = settings
            const { references } = result
            const series = result.series.map(seriesFields)
            const kept = runField(keep, run)
            return { device, experiment, ...kept, points, range, center, beta, references, series }
          },
          text: () => `${device.description}; ${size}\n${shatterTable(result, settings)}`,
        }
      },
    }
  },
})

/** Trained networks, between two test samples. */
function askTrained({ id, experiment }: TrainedRun, options: OptionTexts): Asked {
  if (options.keep === true || options.name !== undefined) throw unkept()
  if (options.regions === true) {
    const what = 'linear regions are counted in networks of one input, and trained ones have more'
    throw new InputError('--regions', what, 'Leave it out, or the run.')
  }
  const settings = settingsOf(options, trainedShatter())
  const line = parseSampleLine(lineFrom(options), experiment, settings)
  return {
    experiment,
    beside: { ...settings, line, trained: id },
    async carryOut(keep, job) {
      if (keep.keep) throw unkept()
      const needed = signalMemory(experiment, prepareSeries(experiment))
      const body = {
        experiment: asDocument(experiment),
        settings: { ...settings },
        line: { ...line },
        trained: id,
      }
      const { device, result } = await job('shatter', body, needed, keep)
      const { blocks, width, trainReplicas } = experiment
      const size = `${blocks} blocks, width ${width}, ${settings.points} points, n = ${trainReplicas}`
      const where = `y (docs/command-line.md) on the line from test sample ${line.from} to ${line.to}`
      return {
        run: null,
        document() {
          const { points, range } = settings
          const series = result.series.map((one) => ({ ...seriesFields(one), curve: one.curve }))
          return {
            device,
            experiment,
            trained: id,
            line,
            points,
            range,
            references: result.references,
            series,
          }
        },
        text: () => `${device.description}; ${size}; ${where}\n${shatterTable(result, settings)}`,
      }
    },
  }
}

const unkept = () =>
  new InputError(
    '--keep',
    'what shatter measures of a run’s trained networks is printed, and becomes no run of its own',
    'Leave it out, and save the output: shatter --run RUN --json > FILE.',
  )

const lineFrom = ({ from, to }: OptionTexts) => {
  const number = (text: OptionTexts[string]) => (typeof text === 'string' ? numberOrText(text) : undefined)
  return { from: number(from), to: number(to) }
}

/** A series as the document has it: without the graph and the first network's curve. */
function seriesFields({ block, remedy, reference, blocks, skip, note, ...rest }: ShatterSeries) {
  const { acf, correlation, correlationBand, theory, theoryNote } = rest
  const measured = { acf, correlation, correlationBand, theory, theoryNote }
  return { block, remedy, reference, blocks, skip, note, ...measured }
}

/** The network of one input brings its own: who asks for another should know. */
function refuseInput(options: OptionTexts): void {
  if (options.input === 'mnist1d' || options.input === 'data' || options.input === 'data-grid') {
    throw new InputError('--input', 'shatter’s networks have one input, a point of the line', 'Leave it out.')
  }
  if (options.stem === 'none') {
    throw new InputError('--stem', 'shatter’s one input needs a linear layer to N units', 'Leave it out.')
  }
}

/** @param file the settings of an experiment's file, which options win over */
function settingsOf(options: OptionTexts, file: ShatterSettings | undefined): ShatterSettings {
  const { points, range, center, beta, references, lags } = options
  const given: Record<string, unknown> = { ...file }
  if (typeof points === 'string') given.points = numberOrText(points)
  if (typeof lags === 'string') given.lags = numberOrText(lags)
  if (typeof beta === 'string') given.beta = numberOrText(beta)
  if (typeof center === 'string') given.center = center
  if (typeof references === 'string') given.references = references
  if (typeof range === 'string') {
    const ends = range.split(',').map(numberOrText)
    given.range = ends.length === 2 && ends.every((end) => typeof end === 'number') ? ends : range
  }
  return parseShatter(given)
}

function shatterTable({ series, references }: ShatterResult, settings: ShatterSettings): string {
  const lags = tableLags(settings)
  const at = ({ mean, low, high }: Band) =>
    lags.map((lag) => `${mean[lag].toFixed(3)} (${low[lag].toFixed(3)} to ${high[lag].toFixed(3)})`)
  const short = (x: number | null) => (x === null ? '-' : String(Number(x.toPrecision(4))))
  const rows = [
    ['block', 'remedy', ...lags.map((lag) => `lag ${lag}`), 'correlation'],
    ...series.map(({ block, remedy, reference, acf, correlation, theory }) => {
      const name = reference ? [reference, ''] : [block, remedy]
      return [...name, ...at(acf), `${short(correlation)} / ${short(theory)}`]
    }),
    ['white noise', '', ...at(references.white), ''],
    ['brown noise', '', ...at(references.brown), ''],
  ]
  const notes = series.flatMap(({ block, remedy, reference, note, theoryNote }) =>
    [note, theoryNote].filter(Boolean).map((text) => `${reference ?? `${block} / ${remedy}`}: ${text}`),
  )
  return [
    ...table(rows),
    'autocorrelation of dy/dx: mean (5th to 95th percentile); gradient correlation: measured / theory',
    ...notes,
  ].join('\n')
}
