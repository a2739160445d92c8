import { counted, formatNumber } from '../../../shared/base/format'
import type { Experiment } from '../../../shared/settings/experiment'
import { movedFinding, networkWords, outputsFinding, samplesWords } from '../../../shared/paths/findings'
import type { MeasuredPaths, PathSeries } from '../../../shared/paths/results'
import type { pathCountSummary } from '../../../shared/paths/paths'
import type { DeviceStatus } from '../../../shared/protocol/protocol'
import { table } from './output'

/** How many paths networks of so many blocks have. */
export function countsText(
  { paths, throughOneBlock, mean, deviation }: ReturnType<typeof pathCountSummary>,
  blocks: number,
): string {
  const total = `${big(paths)} paths, each block’s branch is on ${big(throughOneBlock)} of them`
  const lengths = `length by count: mean ${short(mean)}, standard deviation ${short(deviation)}`
  return `${counted(blocks, 'block')}: ${total}; ${lengths}`
}

/** A series at initialisation, its theory beside it. */
export function measuredSeriesText(
  { block, remedy, note, measured, theory, theoryNote }: PathSeries,
  { blocks, replicas }: Experiment,
): string[] {
  const energy = theory
    ? `Theory: length by gradient energy: mean ${short(theory.mean)}, ` +
      `standard deviation ${short(theory.deviation)} (Poisson-binomial, p_k = f_k/(1 + f_k)).`
    : theoryNote!
  return [
    `${block} / ${remedy}${note ? `: ${note}` : ''}`,
    ...(measured
      ? [
          ...measuredText(measured, theory?.energyShare ?? null),
          outputsFinding(measured, blocks, networkWords(replicas)),
        ]
      : []),
    energy,
  ]
}

/** Where networks were trained, and how they were measured. */
export function trainedHeadline(
  device: DeviceStatus,
  { steps, learningRate }: Experiment,
  samples: number,
): string {
  const trained = `one network each, trained for ${steps} steps at learning rate ${short(learningRate)}`
  const compared = 'at initialisation: the same network at the same samples'
  return `${device.description}; ${trained}, measured at ${samples} test samples; ${compared}.`
}

/** One network after training and before. */
export interface TrainedPathSeries {
  block: string
  remedy: string
  note: string | null
  trained: { loss: number; error: number; samples: number }
  initial: MeasuredPaths
  /** Null where the trained network has no finite terms; `problem` then says why. */
  measured: MeasuredPaths | null
  problem: string | null
}

/** A series after training, the lengths' shares at initialisation beside it. */
export function trainedSeriesText(
  { block, remedy, note, ...rest }: TrainedPathSeries,
  { blocks }: Experiment,
): string[] {
  const { trained, initial, measured, problem } = rest
  const title = `${block} / ${remedy}${note ? `: ${note}` : ''}`
  if (!measured) return [title, problem!]
  return [
    title,
    `After training: test loss ${short(trained.loss)}, test error ${percent(trained.error)}.`,
    ...measuredText(measured, sharesOf(initial), 'at initialisation'),
    outputsFinding(measured, blocks, samplesWords(trained.samples), initial),
    movedFinding(lengthsOf(initial), lengthsOf(measured), trained.samples),
  ]
}

const lengthsOf = ({ lengths, sampled }: MeasuredPaths) => lengths ?? sampled!.lengths

/** By length 0..L; a plain network has the longest only. */
function sharesOf(measured: MeasuredPaths): number[] {
  const shares: number[] = []
  for (const { length, share } of lengthsOf(measured)) shares[length] = share.mean
  return shares
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
    `Shares are of the sum of squared terms, which is ${short(squaresRatio.mean)} times the squared sum: ` +
      'squared terms do not add up to the squared sum.',
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
    `dy/df1: ${terms.length} term${terms.length > 1 ? 's' : ''}, with their Frobenius norms; ` +
      `relative error of the sum ${relativeError.mean.toExponential(1)}`,
    ...table(terms.map(({ text, norm }) => [`  ${text}`, short(norm.mean)])),
    layout,
  ]
}

const short = (x: number) => formatNumber(x)
const percent = (x: number) => `${formatNumber(100 * x)} %`

/** Long counts as a power of ten; the JSON document has every digit. */
const big = (digits: string) =>
  digits.length > 15 ? `${digits[0]}.${digits.slice(1, 3)}e${digits.length - 1}` : digits
