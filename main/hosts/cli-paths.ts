import { InputError, nearest } from '../../shared/errors'
import type { Experiment } from '../../shared/experiment'
import { formatNumber } from '../../shared/format'
import {
  TERM_LISTINGS,
  checkPaths,
  measurePaths,
  pathCountSummary,
  type MeasuredPaths,
  type PathSeries,
  type TermListing,
} from '../../shared/paths'
import { nonFiniteAsText } from '../../shared/protocol'
import { dataBatch } from '../trainer/engine/networks'

const VERSION = 1

/** Small enough that every term can be read. */
export const PATHS_DEFAULTS = { blocks: 4, width: 16, replicas: 1, batch: 32 } satisfies Partial<Experiment>

/** `paths`: in float64, without TensorFlow; prints the contract's document or tables. */
export function pathsCommand(experiment: Experiment, terms: unknown, json: boolean): void {
  const listing = parseListing(terms)
  checkPaths(experiment, listing)
  const data = experiment.input === 'mnist1d' ? dataBatch(experiment).x : null
  const counts = pathCountSummary(experiment.blocks)
  const series = measurePaths(experiment, listing, data)
  if (json) {
    print(JSON.stringify({ version: VERSION, experiment, counts, series }, nonFiniteAsText, 2))
    return
  }
  const { mean, deviation } = counts
  print(
    `${experiment.blocks} blocks: ${big(counts.paths)} paths, each block’s branch is on ${big(counts.throughOneBlock)} of them; length by count: mean ${short(mean)}, standard deviation ${short(deviation)}`,
  )
  series.forEach((one) => print(`\n${seriesText(one).join('\n')}`))
}

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

function measuredText(measured: MeasuredPaths, energyShare: number[] | null): string[] {
  const { norm, squaresRatio, relativeError } = measured
  const error = relativeError
    ? `|sum of terms - automatic differentiation| = ${relativeError.mean.toExponential(1)} of it.`
    : 'A sample of terms has no sum to hold against it.'
  return [
    ...table(
      measured.sampled ? sampledRows(measured.sampled, energyShare) : exactRows(measured, energyShare),
    ),
    `Shares are of the sum of squared terms, which is ${short(squaresRatio.mean)} times the squared sum: squared terms do not add up to the squared sum.`,
    `‖dy/dx‖ = ${short(norm.mean)}; ${error}`,
    ...firstDerivativeText(measured),
  ]
}

const theoryCell = (energyShare: number[] | null, length: number) =>
  energyShare ? percent(energyShare[length]) : '-'

function exactRows({ lengths }: MeasuredPaths, energyShare: number[] | null): string[][] {
  const head = ['length', 'terms', 'norm of their sum', 'norm of one (rms)', 'share of squares', 'theory']
  const rows = lengths!.map(({ length, count, norm, termNorm, share }) => [
    String(length),
    big(count),
    short(norm.mean),
    short(termNorm.mean),
    percent(share.mean),
    theoryCell(energyShare, length),
  ])
  return [head, ...rows]
}

function sampledRows(
  { paths, lengths }: NonNullable<MeasuredPaths['sampled']>,
  energyShare: number[] | null,
): string[][] {
  const head = ['length', 'terms', `squared norm of one (${paths} drawn)`, 'share of squares', 'theory']
  const rows = lengths.map(({ length, count, energy, share }) => [
    String(length),
    big(count),
    `${short(energy.mean)} ± ${short(energy.error)}`,
    `${percent(share.mean)} ± ${percent(share.error)}`,
    theoryCell(energyShare, length),
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
