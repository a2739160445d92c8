import { InputError, nearest } from '../../../shared/base/errors'
import { COMMAND_LINE, checkTogether, type Experiment } from '../../../shared/experiment/experiment'
import { formatNumber } from '../../../shared/base/format'
import type { Network64 } from '../../../shared/network/float64-network'
import { movedFinding } from '../../../shared/paths/findings'
import { measureNetwork, summarisePaths } from '../../../shared/paths/measure'
import {
  checkTrainedPaths,
  divergence,
  measuredSamples,
  trainedExperiment,
  trainedNetwork,
  untrainedNetwork,
} from '../../../shared/paths/trained'
import {
  TERM_LISTINGS,
  checkPaths,
  measurePaths,
  pathCountSummary,
  theoryOfPaths,
  type MeasuredPaths,
  type PathSeries,
  type TermListing,
} from '../../../shared/paths/paths'
import { nonFiniteAsText } from '../../../shared/protocol/protocol'
import { seriesGraphs } from '../../../shared/network/series'
import { dataBatch } from '../../trainer/engine/networks'
import { asDocument, runJob } from './job'

const VERSION = 1

/** Small enough that every term can be read. */
export const PATHS_DEFAULTS = { blocks: 4, width: 16, replicas: 1, batch: 32 } satisfies Partial<Experiment>

interface PathsOptions {
  terms: unknown
  train: boolean
  json: boolean
}

/** `paths`: in float64, without TensorFlow unless networks are trained first; prints the contract's document or tables. */
export async function pathsCommand(
  experiment: Experiment,
  { terms, train, json }: PathsOptions,
): Promise<void> {
  const listing = parseListing(terms)
  if (train) return trainedCommand(experiment, listing, json)
  checkPaths(experiment, listing)
  const data = experiment.input === 'mnist1d' ? dataBatch(experiment).x : null
  const counts = pathCountSummary(experiment.blocks)
  const series = measurePaths(experiment, listing, data)
  if (json) {
    print(JSON.stringify({ version: VERSION, experiment, counts, series }, nonFiniteAsText, 2))
    return
  }
  print(countsText(counts, experiment.blocks))
  series.forEach((one) => print(`\n${seriesText(one).join('\n')}`))
}

/** One network of each series, after training and before. */
async function trainedCommand(given: Experiment, listing: TermListing, json: boolean): Promise<void> {
  const experiment = checkTogether(trainedExperiment(given), COMMAND_LINE)
  checkTrainedPaths(experiment, listing)
  const { blocks, steps, learningRate } = experiment
  const samples = measuredSamples(experiment)
  const graphs = seriesGraphs(experiment)
  const measure = (network: Network64) => measureTrained(network, experiment, listing as MeasuredListing)
  // First, so that what cannot be measured is not trained.
  const before = graphs.map(({ graph }) => measure(untrainedNetwork(graph, experiment)))
  const data = dataBatch(experiment).x
  const body = { experiment: asDocument(experiment), weights: true }
  const { device, result } = await runJob('train', body)
  const series = graphs.map(({ block, remedy, note, graph }, i) => {
    const { weights, test, failure } = result.series[i]
    const problem = divergence(result.series[i], experiment)
    const trained = { steps: result.steps, loss: test!.loss.mean, error: test!.error.mean, samples, failure }
    const measured = problem ? null : measure(trainedNetwork(graph, experiment, weights!))
    const header = { block, remedy, note, ...theoryOfPaths(graph, experiment, data) }
    return { ...header, trained, initial: before[i], measured, problem }
  })
  const counts = pathCountSummary(blocks)
  if (json) {
    const shown = series.map(({ problem: _, ...one }) => one)
    print(JSON.stringify({ version: VERSION, device, experiment, counts, series: shown }, nonFiniteAsText, 2))
    return
  }
  print(countsText(counts, blocks))
  print(
    `${device.description}; one network each, trained for ${steps} steps at learning rate ${short(learningRate)}, measured at ${samples} test samples; at initialisation: the same network at the same samples.`,
  )
  for (const { block, remedy, note, trained, initial, measured, problem } of series) {
    const lines = measured
      ? [
          `After training: test loss ${short(trained.loss)}, ${percent(trained.error)} wrong.`,
          ...measuredText(measured, sharesOf(initial), 'at initialisation'),
          movedFinding(lengthsOf(initial), lengthsOf(measured), samples),
        ]
      : [problem!]
    print(`\n${block} / ${remedy}${note ? `: ${note}` : ''}\n${lines.join('\n')}`)
  }
}

type MeasuredListing = Exclude<TermListing, 'none'>

function measureTrained(network: Network64, experiment: Experiment, listing: MeasuredListing): MeasuredPaths {
  const { seed, blocks } = experiment
  const replicas = measuredSamples(experiment)
  const at = Array.from({ length: replicas }, (_, sample) =>
    measureNetwork(network, listing, { seed, replica: sample, replicas, sample }),
  )
  return summarisePaths(at, blocks)
}

const lengthsOf = ({ lengths, sampled }: MeasuredPaths) => lengths ?? sampled!.lengths

/** By length 0..L; a plain network has the longest only. */
function sharesOf(measured: MeasuredPaths): number[] {
  const shares: number[] = []
  for (const { length, share } of lengthsOf(measured)) shares[length] = share.mean
  return shares
}

const countsText = (
  { paths, throughOneBlock, mean, deviation }: ReturnType<typeof pathCountSummary>,
  blocks: number,
) =>
  `${blocks} blocks: ${big(paths)} paths, each block’s branch is on ${big(throughOneBlock)} of them; length by count: mean ${short(mean)}, standard deviation ${short(deviation)}`

function parseListing(text: unknown): TermListing {
  if (text === undefined) return 'all'
  const found = TERM_LISTINGS.find((listing) => listing === text)
  if (found) return found
  const near = nearest(String(text), TERM_LISTINGS)
  throw new InputError(
    '--terms',
    `${JSON.stringify(text)} is not a choice`,
    near ? `Did you mean "${near}"?` : `Give one of ${TERM_LISTINGS.join(', ')}.`,
  )
}

function seriesText({ block, remedy, note, measured, theory, theoryNote }: PathSeries): string[] {
  const energy = theory
    ? `Theory: length by gradient energy: mean ${short(theory.mean)}, standard deviation ${short(theory.deviation)} (Poisson-binomial, p_k = f_k/(1 + f_k)).`
    : theoryNote!
  return [
    `${block} / ${remedy}${note ? `: ${note}` : ''}`,
    ...(measured ? measuredText(measured, theory?.energyShare ?? null) : []),
    energy,
  ]
}

function measuredText(measured: MeasuredPaths, beside: number[] | null, besideTitle = 'theory'): string[] {
  const { norm, squaresRatio, relativeError } = measured
  const error = relativeError
    ? `|sum of terms - automatic differentiation| = ${relativeError.mean.toExponential(1)} of it.`
    : 'A sample of terms has no sum to hold against it.'
  return [
    ...table(
      measured.sampled
        ? sampledRows(measured.sampled, beside, besideTitle)
        : exactRows(measured, beside, besideTitle),
    ),
    `Shares are of the sum of squared terms, which is ${short(squaresRatio.mean)} times the squared sum: squared terms do not add up to the squared sum.`,
    `‖dy/dx‖ = ${short(norm.mean)}; ${error}`,
    ...firstDerivativeText(measured),
  ]
}

/** What stands beside the measured share of a length. */
const besideCell = (beside: number[] | null, length: number) => (beside ? percent(beside[length]) : '-')

function exactRows({ lengths }: MeasuredPaths, beside: number[] | null, besideTitle: string): string[][] {
  const head = ['length', 'terms', 'norm of their sum', 'norm of one (rms)', 'share of squares', besideTitle]
  const rows = lengths!.map(({ length, count, norm, termNorm, share }) => [
    String(length),
    big(count),
    short(norm.mean),
    short(termNorm.mean),
    percent(share.mean),
    besideCell(beside, length),
  ])
  return [head, ...rows]
}

function sampledRows(
  { paths, lengths }: NonNullable<MeasuredPaths['sampled']>,
  beside: number[] | null,
  besideTitle: string,
): string[][] {
  const head = ['length', 'terms', `squared norm of one (${paths} drawn)`, 'share of squares', besideTitle]
  const rows = lengths.map(({ length, count, energy, share }) => [
    String(length),
    big(count),
    `${short(energy.mean)} ± ${short(energy.error)}`,
    `${percent(share.mean)} ± ${percent(share.error)}`,
    besideCell(beside, length),
  ])
  return [head, ...rows]
}

function firstDerivativeText({ firstDerivative }: MeasuredPaths): string[] {
  if (!firstDerivative) return []
  const { terms, layout, relativeError } = firstDerivative
  return [
    `dy/df1: ${terms.length} term${terms.length > 1 ? 's' : ''}, with their Frobenius norms; relative error of the sum ${relativeError.mean.toExponential(1)}`,
    ...table(terms.map(({ text, norm }) => [`  ${text}`, short(norm.mean)])),
    layout,
  ]
}

function table(rows: string[][]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  return rows.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  )
}

const short = (x: number) => formatNumber(x)
const percent = (x: number) => `${formatNumber(100 * x)} %`

/** Long counts as a power of ten; the JSON document has every digit. */
const big = (digits: string) =>
  digits.length > 15 ? `${digits[0]}.${digits.slice(1, 3)}e${digits.length - 1}` : digits

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
