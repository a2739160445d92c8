import type { DeviceStatus } from '../../../../shared/protocol/protocol'
import { choice } from '../../../../shared/base/check'
import { dataBatch, isVectorData } from '../../../../shared/data/batch'
import { COMMAND_LINE } from '../../../../shared/experiment/experiment'
import type { Experiment } from '../../../../shared/settings/experiment'
import { seriesGraphs } from '../../../../shared/network/series'
import {
  TERM_LISTINGS,
  type MeasuredPaths,
  type PathSeries,
  type TermListing,
} from '../../../../shared/paths/results'
import { checkPaths, pathCountSummary } from '../../../../shared/paths/paths'
import { measureTrainedPaths } from '../../../runs/trained-paths'
import type { CliCommand, OptionTexts } from '../command'
import { inCommandThread, keepParts, untilStopped } from '../in-thread'
import { runJob, type Stopped } from '../job'
import { KEEP_OPTIONS, keepFromOptions, runField, type Keep } from '../keep'
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
  const data = isVectorData(experiment) ? dataBatch(experiment).x : null
  const counts = pathCountSummary(experiment.blocks)
  const networks = listing === 'none' ? 0 : seriesGraphs(experiment).length * experiment.replicas
  const { parts: series, stopped } = await untilStopped<PathSeries>((onPart) =>
    inCommandThread('paths', { experiment, listing, data }, networks, onPart),
  )
  const run = await keepPaths(keep, experiment, { listing, training: false, counts, series }, begun, stopped)
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
  const trained = saved?.id ?? null
  let stopped: Stopped | null = null
  const found = await measureTrainedPaths(
    { experiment: given, listing, trained, where: COMMAND_LINE },
    {
      train: ({ type, ...body }) => runJob(type, body),
      async measure(asked, networks) {
        if (asked.weights.every((own) => own === null))
          return inCommandThread('trainedPaths', asked, networks)
        const found = await untilStopped<MeasuredPaths | null>((onPart) =>
          inCommandThread('trainedPaths', asked, networks, onPart),
        )
        stopped = found.stopped
        return found.parts
      },
    },
  )
  const { device, experiment, samples, series } = found
  const counts = pathCountSummary(experiment.blocks)
  const shown = series.map(({ problem: _, ...one }) => one)
  const result = { listing, training: true, counts, series: shown }
  const run = await keepPaths(keep, experiment, result, begun, stopped, { device, trained })
  if (json) {
    const of = saved && { trained: saved.id }
    return printDocument({ device, experiment, ...runField(keep, run), ...of, counts, series: shown })
  }
  print(countsText(counts, experiment.blocks))
  print(trainedHeadline(device, experiment, samples))
  series.forEach((one) => print(`\n${trainedSeriesText(one).join('\n')}`))
}

/**
 * @param begun when, as `performance.now()` tells it
 * @param stopped what Ctrl+C has thrown; thrown again once what was measured is kept
 * @param by what trained the networks: a device, for this or as the run of that id; left out: none were trained
 */
function keepPaths(
  keep: Keep,
  experiment: Experiment,
  result: { listing: TermListing; training: boolean; counts: object; series: object[] },
  begun: number,
  stopped: Stopped | null,
  by: { device: DeviceStatus | null; trained: string | null } = { device: null, trained: null },
) {
  const seconds = (performance.now() - begun) / 1000
  const { listing, training } = result
  const started = { type: 'paths-started', device: by.device, listing, training, trained: by.trained }
  const found = { finished: stopped === null, ...result }
  return keepParts(keep, { kind: 'paths', experiment, started, result: found, seconds }, stopped)
}

const parseListing = (text: OptionTexts[string]): TermListing =>
  choice(text ?? 'all', '--terms', TERM_LISTINGS)
