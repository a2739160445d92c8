import { choice } from '../../../../shared/base/check'
import { dataBatch } from '../../../../shared/data/batch'
import { COMMAND_LINE, checkTogether } from '../../../../shared/experiment/experiment'
import type { Experiment } from '../../../../shared/settings/experiment'
import type { Network64 } from '../../../../shared/network/float64-network'
import { seriesGraphs } from '../../../../shared/network/series'
import { measureNetwork, summarisePaths } from '../../../../shared/paths/measure'
import { TERM_LISTINGS, type MeasuredPaths, type TermListing } from '../../../../shared/paths/results'
import { checkPaths, measurePaths, pathCountSummary, theoryOfPaths } from '../../../../shared/paths/paths'
import {
  checkTrainedPaths,
  divergence,
  measuredSamples,
  trainedExperiment,
  trainedNetwork,
  untrainedNetwork,
} from '../../../../shared/paths/trained'
import type { CliCommand, OptionTexts } from '../command'
import { asDocument, runJob } from '../job'
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
    [
      '--train',
      'one network of each block and remedy is trained first (training settings come from --experiment)',
    ],
  ],
  async run(options) {
    const experiment = experimentFromOptions(options, DEFAULTS)
    const listing = parseListing(options.terms)
    if (options.train === true) await trainAndMeasure(experiment, listing, options.json === true)
    else measure(experiment, listing, options.json === true)
  },
}

function measure(experiment: Experiment, listing: TermListing, json: boolean): void {
  checkPaths(experiment, listing)
  const data = experiment.input === 'mnist1d' ? dataBatch(experiment).x : null
  const counts = pathCountSummary(experiment.blocks)
  const series = measurePaths(experiment, listing, data)
  if (json) return printDocument({ experiment, counts, series })
  print(countsText(counts, experiment.blocks))
  series.forEach((one) => print(`\n${measuredSeriesText(one).join('\n')}`))
}

/** One network of each series, after training and before. */
async function trainAndMeasure(given: Experiment, listing: TermListing, json: boolean): Promise<void> {
  const experiment = checkTogether(trainedExperiment(given), COMMAND_LINE)
  checkTrainedPaths(experiment, listing)
  const samples = measuredSamples(experiment)
  const graphs = seriesGraphs(experiment)
  const measureOne = (network: Network64) =>
    measureAtSamples(network, experiment, listing as Exclude<TermListing, 'none'>)
  // First, so that what cannot be measured is not trained.
  const before = graphs.map(({ graph }) => measureOne(untrainedNetwork(graph, experiment)))
  const data = dataBatch(experiment).x
  const { device, result } = await runJob('train', { experiment: asDocument(experiment), weights: true })
  const series = graphs.map((one, i) => {
    const { block, remedy, note, graph } = one
    const { weights, test, failure } = result.series[i]
    const problem = divergence(result.series[i], experiment)
    const trained = { steps: result.steps, loss: test!.loss.mean, error: test!.error.mean, samples, failure }
    const measured = problem ? null : measureOne(trainedNetwork(graph, experiment, weights!))
    const header = { block, remedy, note, ...theoryOfPaths(one, experiment, data) }
    return { ...header, trained, initial: before[i], measured, problem }
  })
  const counts = pathCountSummary(experiment.blocks)
  if (json) {
    const shown = series.map(({ problem: _, ...one }) => one)
    return printDocument({ device, experiment, counts, series: shown })
  }
  print(countsText(counts, experiment.blocks))
  print(trainedHeadline(device, experiment, samples))
  series.forEach((one) => print(`\n${trainedSeriesText(one).join('\n')}`))
}

/** A network's terms at each of the measured samples, summarised over them. */
function measureAtSamples(
  network: Network64,
  experiment: Experiment,
  listing: Exclude<TermListing, 'none'>,
): MeasuredPaths {
  const { seed, blocks } = experiment
  const replicas = measuredSamples(experiment)
  const at = Array.from({ length: replicas }, (_, sample) =>
    measureNetwork(network, listing, { seed, replica: sample, replicas, sample }),
  )
  return summarisePaths(at, blocks)
}

const parseListing = (text: OptionTexts[string]): TermListing =>
  choice(text ?? 'all', '--terms', TERM_LISTINGS)
