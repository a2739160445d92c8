import { numberOrText } from '../../../shared/base/decimal'
import { InputError } from '../../../shared/base/errors'
import { formatNumber } from '../../../shared/base/format'
import { outcomeOf } from '../../../shared/network/results'
import { errorText } from '../../../shared/train/findings'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import type { ShatterResult } from '../../../shared/shatter/results'
import { tableLags } from '../../../shared/shatter/shatter'
import { LAST_STEP, parseLookedSteps } from '../../../shared/shatter/steps'
import { parseSampleLine, trainedShatter } from '../../../shared/shatter/trained'
import {
  learnedOf,
  trainedAcfFinding,
  trainedCorrelationFinding,
} from '../../../shared/runs/shatter-findings'
import { signalMemory } from '../../trainer/engine/memory'
import { prepareSeries } from '../../trainer/engine/prepared-series'
import type { OptionTexts } from './command'
import { asDocument } from './job'
import type { TrainedRun } from './of-run'
import { sizeText, table } from './output'
import type { Asked } from './run-command'
import { lagCells, seriesFields, settingsOf, short } from './shatter-text'

/** `shatter --run`: trained networks between two test samples, at any of their run's steps. */
export function shatterOfRun({ id, experiment }: TrainedRun, options: OptionTexts): Asked {
  if (options.keep === true || options.name !== undefined) throw unkept()
  if (options.regions === true) {
    const what = 'linear regions are counted in networks of one input, and trained ones have more'
    throw new InputError('--regions', what, 'Leave it out, or the run.')
  }
  const settings = settingsOf(options, trainedShatter())
  const line = parseSampleLine(lineFrom(options), experiment, settings)
  const steps = parseLookedSteps(typeof options.steps === 'string' ? options.steps : [...LAST_STEP])
  return {
    experiment,
    beside: { ...settings, line, steps, trained: id },
    async carryOut(keep, job) {
      if (keep.keep) throw unkept()
      const needed = () => signalMemory(experiment, prepareSeries(experiment))
      const body = {
        experiment: asDocument(experiment),
        settings: { ...settings },
        line: { ...line },
        ...{ steps, trained: id },
      }
      const { device, result } = await job('shatter', body, needed, keep)
      const size = `${sizeText(experiment)}, ${settings.points} points, n = ${experiment.trainReplicas}`
      const where = `y (docs/command-line.md) on the line from test sample ${line.from} to ${line.to}`
      return {
        run: null,
        document() {
          const { points, range } = settings
          const of = { trained: id, line, points, range }
          return { device, experiment, ...of, references: result.references, series: fieldsOf(result) }
        },
        text: () => `${device.description}; ${size}; ${where}\n${tableOf(result, settings)}`,
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

const fieldsOf = ({ series }: ShatterResult) =>
  learnedOf(series).map((one) => {
    const { curve, step, learned } = one
    const { isReplayed, agrees, train, test } = learned
    return {
      ...seriesFields(one),
      ...{ curve, step, replayed: isReplayed, agrees },
      ...{ train: outcomeOf(train), test: outcomeOf(test) },
    }
  })

function tableOf(result: ShatterResult, settings: ShatterSettings): string {
  const { series, references } = result
  const lags = tableLags(settings)
  const rows = [
    [
      'block',
      'remedy',
      'step',
      ...lags.map((lag) => `lag ${lag}`),
      'correlation',
      'train loss',
      'train error',
    ],
    ...learnedOf(series).map(({ block, remedy, step, acf, correlation, learned }) => {
      const { loss, error } = outcomeOf(learned.train)
      return [
        ...[block, remedy, step === null ? '-' : String(step), ...lagCells(acf, lags), short(correlation)],
        ...[formatNumber(loss.mean), errorText(error.mean)],
      ]
    }),
    ['white noise', '', '', ...lagCells(references.white, lags), '', '', ''],
    ['brown noise', '', '', ...lagCells(references.brown, lags), '', '', ''],
  ]
  return [
    ...table(rows),
    'autocorrelation of dy/dx: mean (5th to 95th percentile); gradient correlation between test samples, loss and ' +
      'error: mean over networks',
    ...[trainedCorrelationFinding(series), trainedAcfFinding(result)].filter(Boolean),
    ...new Set(series.flatMap(({ note }) => (note ? [note] : []))),
  ].join('\n')
}
