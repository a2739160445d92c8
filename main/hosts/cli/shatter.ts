import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/experiment/experiment'
import { nonFiniteAsText, type ShatterResult } from '../../../shared/protocol/protocol'
import {
  defaultShatter,
  lastLag,
  parseShatter,
  shatterExperiment,
  type Band,
  type ShatterSettings,
} from '../../../shared/shatter/shatter'
import { shatterNetworks } from '../../../shared/shatter/networks'
import { checkMemory, shatterMemory } from '../../trainer/engine/memory'
import { asDocument, runJob } from './job'
import { experimentFromOptions, numberOrText, type OptionTexts } from './options'

const VERSION = 1

export const SHATTER_DEFAULTS: Partial<Experiment> = { width: 200 }

/** The options that `shatter` has beside those of an experiment. */
export function withShatter(command: Command): Command {
  const { points, range, center, beta } = defaultShatter()
  return command
    .option('--points <P>', `points on the line. Default: ${points}.`)
    .option('--range <a,b>', `first and last point. Default: ${range.join(',')}.`)
    .option(
      '--center <on|off>',
      `subtract from each ReLU’s input its mean over the line, per unit. Default: ${center}.`,
    )
    .option(
      '--beta <B>',
      `factor on every branch that holds a batch normalisation, h + B × branch. Default: ${beta}.`,
    )
    .option(
      '--references <on|off>',
      'also shallow plain, deep plain, residual, residual with BN. Default: off.',
    )
    .option('--lags <K>', 'largest lag of the autocorrelation. Default: half of the points.')
}

/** `shatter`: networks of one input along a line, in the same trainer process that the workbench uses. @throws InputError */
export async function shatterCommand(options: OptionTexts): Promise<void> {
  refuseInput(options)
  const experiment = shatterExperiment(experimentFromOptions(options, SHATTER_DEFAULTS))
  const settings = settingsOf(options, experiment.shatter)
  // Refuses blocks that take no points of a line.
  shatterNetworks(experiment, settings)
  checkMemory(shatterMemory(experiment, settings))
  const { device, result } = await runJob('shatter', {
    experiment: asDocument(experiment),
    settings: { ...settings },
  })
  if (options.json === true) {
    const { points, range, center, beta } = settings
    const { references } = result
    const series = result.series.map(({ block, remedy, reference, blocks, skip, note, acf, ...rest }) => {
      const { correlation, correlationBand, theory, theoryNote } = rest
      const measured = { acf, correlation, correlationBand, theory, theoryNote }
      return { block, remedy, reference, blocks, skip, note, ...measured }
    })
    const document = { version: VERSION, device, experiment, points, range, center, beta, references, series }
    print(JSON.stringify(document, nonFiniteAsText, 2))
  } else {
    const { blocks, width, replicas } = experiment
    print(
      `${device.description}; ${blocks} blocks, width ${width}, ${settings.points} points, n = ${replicas}`,
    )
    print(table(result, settings))
  }
}

/** The network of one input brings its own: who asks for another should know. */
function refuseInput(options: OptionTexts): void {
  if (options.input === 'mnist1d') {
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

function table({ series, references }: ShatterResult, settings: ShatterSettings): string {
  const lags = [1, 4, 16].filter((lag) => lag <= lastLag(settings))
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
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  const notes = series.flatMap(({ block, remedy, reference, note, theoryNote }) =>
    [note, theoryNote].filter(Boolean).map((text) => `${reference ?? `${block} / ${remedy}`}: ${text}`),
  )
  return [
    ...rows.map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    ),
    'autocorrelation of dy/dx: mean (5th to 95th percentile); gradient correlation: measured / theory',
    ...notes,
  ].join('\n')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
