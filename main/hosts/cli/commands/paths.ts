import type { DeviceStatus } from '../../../../shared/protocol/protocol'
import { choice } from '../../../../shared/base/check'
import { dataBatch } from '../../../../shared/data/batch'
import { COMMAND_LINE, checkTogether } from '../../../../shared/experiment/experiment'
import type { Experiment } from '../../../../shared/settings/experiment'
import { seriesGraphs } from '../../../../shared/network/series'
import type { TrainedWeights } from '../../../../shared/network/trained-weights'
import { TERM_LISTINGS, type TermListing } from '../../../../shared/paths/results'
import { checkPaths, pathCountSummary, theoryOfPaths } from '../../../../shared/paths/paths'
import {
  checkTrainedPaths,
  divergence,
  measuredSamples,
  trainedExperiment,
} from '../../../../shared/paths/trained'
import type { CliCommand, OptionTexts } from '../command'
import { inThread } from '../in-thread'
import { asDocument, runJob } from '../job'
import { KEEP_OPTIONS, keepFromOptions, keepMade, runField, type Keep } from '../keep'
import { RUN_OPTION, runFromOptions, type TrainedRun } from '../of-run'
import { experimentFromOptions, experimentOptions } from '../options'
import { print, printDocument } from '../output'
import { countsText, measuredSeriesText, trainedHeadline, trainedSeriesText } from '../paths-text'

/** Small enough that every term can be read. */
const DEFAULTS = { blocks: 4, width: 16, replicas: 1, batch: 32 } satisfies Partial<Experiment>

/** In float64, without TensorFlow unless networks are trained first. */
export const paths: CliCommand = {
  name: 'paths',
  description: 'The exact expansion of dy/dx and dy/df1 into the terms of all paths, in float64.',
  options: [
    ...experimentOptions(DEFAULTS),
    [
      '--terms <all|length|sample|none>',
      'list every term, group them exactly by length, draw some of each length, or only count. Default: all.',
    ],
    RUN_OPTION,
    ...KEEP_OPTIONS,
    [
      '--train',
      'one network of each block and remedy is trained first (training settings come from --experiment)',
    ],
  ],
  async run(options) {
    const keep = keepFromOptions(options)
    const saved = runFromOptions(options)
    const experiment = saved?.experiment ?? experimentFromOptions(options, DEFAULTS)
    const listing = parseListing(options.terms)
    if (options.train === true || saved)
      await trainAndMeasure(experiment, listing, options.json === true, keep, saved)
    else await measure(experiment, listing, options.json === true, keep)
  },
}

async function measure(
  experiment: Experiment,
  listing: TermListing,
  json: boolean,
  keep: Keep,
): Promise<void> {
  const begun = performance.now()
  checkPaths(experiment, listing)
  const data = experiment.input === 'mnist1d' ? dataBatch(experiment).x : null
  const counts = pathCountSummary(experiment.blocks)
  const networks = listing === 'none' ? 0 : seriesGraphs(experiment).length * experiment.replicas
  const series = await inThread('paths', { experiment, listing, data }, networks)
  const run = await keepPaths(keep, experiment, { listing, training: false, counts, series }, begun)
  if (json) return printDocument({ experiment, ...runField(keep, run), counts, series })
  print(countsText(counts, experiment.blocks))
  series.forEach((one) => print(`\n${measuredSeriesText(one).join('\n')}`))
}

/** One network of each series, after training and before. @param saved the run that has trained it; null: none has */
async function trainAndMeasure(
  given: Experiment,
  listing: TermListing,
  json: boolean,
  keep: Keep,
  saved: TrainedRun | null,
): Promise<void> {
  const begun = performance.now()
  const experiment = checkTogether(trainedExperiment(given), COMMAND_LINE)
  checkTrainedPaths(experiment, listing)
  const samples = measuredSamples(experiment)
  const graphs = seriesGraphs(experiment)
  const measureAll = (weights: (TrainedWeights | null | undefined)[]) => {
    const networks = samples * weights.filter((own) => own !== undefined).length
    return inThread('trainedPaths', { experiment, listing: listing as MeasuredListing, weights }, networks)
  }
  // First, so that what cannot be measured is not trained.
  const before = await measureAll(graphs.map(() => null))
  const data = dataBatch(experiment).x
  // A run has all of its networks, of which the first one's weights come.
  const body = { experiment: asDocument(saved?.experiment ?? experiment), weights: true }
  const { device, result } = await runJob('train', body, 0, {
    keep: false,
    ...(saved && { trained: saved.id }),
  })
  const problems = result.series.map((one) => divergence(one, experiment))
  const after = await measureAll(result.series.map(({ weights }, i) => (problems[i] ? undefined : weights!)))
  const series = graphs.map((one, i) => {
    const { block, remedy, note } = one
    const { evaluations, failure } = result.series[i]
    const [loss, error] = [evaluations.test.loss, evaluations.test.error].map((own) => own[own.length - 1][0])
    const trained = { steps: result.steps, loss, error, samples, failure }
    const header = { block, remedy, note, ...theoryOfPaths(one, experiment, data) }
    return { ...header, trained, initial: before[i]!, measured: after[i], problem: problems[i] }
  })
  const counts = pathCountSummary(experiment.blocks)
  const shown = series.map(({ problem: _, ...one }) => one)
  const run = await keepPaths(
    keep,
    experiment,
    { listing, training: true, counts, series: shown },
    begun,
    device,
  )
  if (json) {
    const of = saved && { trained: saved.id }
    return printDocument({ device, experiment, ...runField(keep, run), ...of, counts, series: shown })
  }
  print(countsText(counts, experiment.blocks))
  print(trainedHeadline(device, experiment, samples))
  series.forEach((one) => print(`\n${trainedSeriesText(one).join('\n')}`))
}

/** @param begun when, as `performance.now()` tells it @param device that trained the networks; null: none were */
function keepPaths(
  keep: Keep,
  experiment: Experiment,
  result: { listing: TermListing; training: boolean; counts: object; series: object[] },
  begun: number,
  device: DeviceStatus | null = null,
) {
  const seconds = (performance.now() - begun) / 1000
  const started = { type: 'paths-started', device, listing: result.listing, training: result.training }
  return keepMade(keep, {
    kind: 'paths',
    experiment,
    started,
    result: { finished: true, ...result },
    seconds,
  })
}

type MeasuredListing = Exclude<TermListing, 'none'>

const parseListing = (text: OptionTexts[string]): TermListing =>
  choice(text ?? 'all', '--terms', TERM_LISTINGS)
