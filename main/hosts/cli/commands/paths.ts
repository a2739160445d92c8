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
import type { OptionTexts } from '../command'
import { inCommandThread, keepParts, untilStopped } from '../in-thread'
import type { RunJob, Stopped } from '../job'
import { KEEP_OPTIONS, runField, type Keep } from '../keep'
import { RUN_OPTION, runFromOptions, type TrainedRun } from '../of-run'
import { experimentFromOptions, experimentOptions } from '../options'
import { countsText, measuredSeriesText, trainedHeadline, trainedSeriesText } from '../paths-text'
import { runCommand } from '../run-command'

/** Small enough that every term can be read. */
const DEFAULTS = { blocks: 4, width: 16, replicas: 1, batch: 32 } satisfies Partial<Experiment>

/** In float64, without TensorFlow unless networks are trained first. */
export const paths = runCommand({
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
  ask(options) {
    const saved = runFromOptions(options)
    const experiment = saved?.experiment ?? experimentFromOptions(options, DEFAULTS)
    const listing = parseListing(options.terms)
    const isTrained = options.train === true || saved !== null
    if (!isTrained) checkPaths(experiment, listing)
    return {
      experiment,
      beside: { listing, training: isTrained, trained: saved?.id ?? null },
      carryOut: (keep, job) =>
        isTrained
          ? trainAndMeasure(experiment, listing, keep, saved, job)
          : measure(experiment, listing, keep),
    }
  },
})

async function measure(experiment: Experiment, listing: TermListing, keep: Keep) {
  const begun = performance.now()
  const data = isVectorData(experiment) ? dataBatch(experiment).x : null
  const counts = pathCountSummary(experiment.blocks)
  const networks = listing === 'none' ? 0 : seriesGraphs(experiment).length * experiment.replicas
  const { parts: series, stopped } = await untilStopped<PathSeries>((onPart) =>
    inCommandThread('paths', { experiment, listing, data }, networks, onPart),
  )
  const run = await keepPaths(keep, experiment, { listing, training: false, counts, series }, begun, stopped)
  return {
    run,
    document: () => ({ experiment, ...runField(keep, run), counts, series }),
    text: () =>
      [
        countsText(counts, experiment.blocks),
        ...series.flatMap((one) => ['', ...measuredSeriesText(one, experiment)]),
      ].join('\n'),
  }
}

/** One network of each series, after training and before. @param saved the run that has trained it; null: none has */
async function trainAndMeasure(
  given: Experiment,
  listing: TermListing,
  keep: Keep,
  saved: TrainedRun | null,
  job: RunJob,
) {
  const begun = performance.now()
  const trained = saved?.id ?? null
  let stopped: Stopped | null = null
  const found = await measureTrainedPaths(
    { experiment: given, listing, trained, where: COMMAND_LINE },
    {
      train: ({ type, ...body }) => job(type, body),
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
  const of = saved && { trained: saved.id }
  return {
    run,
    document: () => ({ device, experiment, ...runField(keep, run), ...of, counts, series: shown }),
    text: () =>
      [
        countsText(counts, experiment.blocks),
        trainedHeadline(device, experiment, samples),
        ...series.flatMap((one) => ['', ...trainedSeriesText(one, experiment)]),
      ].join('\n'),
  }
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
