/** How shattered the gradients of networks are as they learn (Balduzzi et al. 2017), in words and numbers. */
import { toCsv, type Cell } from '../base/csv'
import { formatNumber, joinWords } from '../base/format'
import type { Evaluations, Shattering } from '../network/results'
import { halfLag } from '../numerics/autocorrelation'
import { pairedDifference } from '../numerics/paired'
import { summarisePoint } from '../numerics/statistics'
import { errorText } from './findings'
import type { LearningSeries } from './rows'

/** Gradients of a series' networks after so many updates. */
export interface MeasuredGradients extends Shattering {
  step: number
  /** On training samples, 0..1, by network. */
  trainError: readonly number[]
}

/** Those of a series that has a name. */
export interface LearnedGradients {
  name: string
  /** Ascending in their steps. */
  measured: readonly MeasuredGradients[]
}

/** The evaluations that measured them, in their order. */
export function measuredGradients({
  step,
  shattering = [],
  train,
}: Pick<Evaluations, 'step' | 'shattering' | 'train'>): MeasuredGradients[] {
  return shattering.flatMap((one, i) => (one ? [{ ...one, step: step[i], trainError: train.error[i] }] : []))
}

/** What is known up to a step: the first measurement and the last one; null: there is none. */
function spanOf({ measured }: LearnedGradients, step: number) {
  const now = measured.filter((one) => one.step <= step).at(-1)
  return now ? { first: measured[0], now } : null
}

const whenText = (step: number) => (step === 0 ? 'before training' : `at step ${step}`)

// ---- The gradient correlation -------------------------------------------------------------------------------------

type Change = 'less' | 'more' | 'same'

/**
 * Whether networks' gradients have become less or more shattered, their correlation higher or lower: by the 95 %
 * interval of the paired differences, or for one network by their sign.
 */
function changeOf(first: MeasuredGradients, now: MeasuredGradients): Change | null {
  const difference = pairedDifference(now.correlation, first.correlation)
  if (!difference || Number.isNaN(difference.mean)) return null
  const { mean, low, high } = difference
  if ((low ?? mean) > 0) return 'less'
  return (high ?? mean) < 0 ? 'more' : 'same'
}

const meanOf = (values: readonly number[]) => summarisePoint(values).mean

/**
 * Whether training has made gradients less or more shattered, and how the networks with the most and the least
 * shattered ones err. Empty while nothing was measured.
 * @param step up to which measurements count
 */
export function correlationFinding(series: readonly LearnedGradients[], step = Infinity): string {
  const known = series.flatMap((one) => {
    const span = spanOf(one, step)
    return span ? [{ name: one.name, ...span }] : []
  })
  if (!known.length) return ''
  const lost = known.filter(({ now }) => !Number.isFinite(meanOf(now.correlation)))
  const found = known.filter((one) => !lost.includes(one))
  const sentences = [changesText(found), errorsText(found)]
  if (lost.length)
    sentences.push(
      `${joinWords(lost.map(({ name }) => name))}: no gradient correlation ${whenText(lost[0].now.step)}, since ` +
        'numbers are not finite or every derivative is 0.',
    )
  return sentences.filter(Boolean).join(' ')
}

interface Span {
  name: string
  first: MeasuredGradients
  now: MeasuredGradients
}

const WORDS: Readonly<Record<Change, string>> = {
  less: 'have become less shattered in',
  more: 'have become more shattered in',
  same: 'have not changed beyond what chance gives in',
}

function changesText(found: readonly Span[]): string {
  if (!found.length) return ''
  const [{ first, now }] = found
  if (first.step === now.step) {
    const values = found.map(
      ({ name, now: { correlation } }) => `${formatNumber(meanOf(correlation))} (${name})`,
    )
    return `Gradients at two test samples correlate by ${joinWords(values)} ${whenText(now.step)}.`
  }
  const clauses = (['less', 'more', 'same'] as const).flatMap((change) => {
    const own = found.filter((one) => changeOf(one.first, one.now) === change)
    if (!own.length) return []
    const parts = own.map(({ name, ...span }) => {
      const [before, after] = [span.first, span.now].map(({ correlation }) =>
        formatNumber(meanOf(correlation)),
      )
      return `${name} (${before} to ${after})`
    })
    return [`${WORDS[change]} ${joinWords(parts)}`]
  })
  // A network whose first measurement was not finite has no change.
  if (!clauses.length) return ''
  const from = first.step === 0 ? 'initialisation' : `step ${first.step}`
  return `From ${from} to step ${now.step}, gradients ${joinWords(clauses)}: their correlation, mean over networks.`
}

// ---- Against training errors --------------------------------------------------------------------------------------

/** Networks of a series that have learned: how shattered they were at a moment, and how they err now. */
interface Ranked {
  name: string
  correlation: readonly number[]
  error: readonly number[]
}

/** The most and the least shattered; null where there are no two, or they are alike. */
function extremesOf(found: readonly Span[], moment: 'first' | 'now'): { most: Ranked; least: Ranked } | null {
  const ranked = found
    .filter(({ now }) => now.step > 0 && Number.isFinite(meanOf(now.trainError)))
    .map(({ name, now, ...span }) => ({
      ...{ name, error: now.trainError },
      correlation: (moment === 'now' ? now : span.first).correlation,
    }))
    .filter(({ correlation }) => Number.isFinite(meanOf(correlation)))
    .sort((a, b) => meanOf(a.correlation) - meanOf(b.correlation))
  const [most, least] = [ranked[0], ranked[ranked.length - 1]]
  return ranked.length > 1 && meanOf(most.correlation) < meanOf(least.correlation) ? { most, least } : null
}

/**
 * Whether shattered gradients go with training errors (the claim of Balduzzi et al. 2017), as far as these networks
 * tell: those that were the most shattered at first, and those that are now.
 */
function errorsText(found: readonly Span[]): string {
  const late = extremesOf(found, 'now')
  if (!late) return ''
  const [{ first, now }] = found
  const early = first.step === now.step ? null : extremesOf(found, 'first')
  if (!early) return pairText(late, now.step, now.step)
  const isSame = early.most.name === late.most.name && early.least.name === late.least.name
  const since = isSame
    ? `At step ${now.step} they still are (${valuesText(late)}).`
    : pairText(late, now.step, now.step)
  return `${pairText(early, first.step, now.step)} ${since}`
}

type Pair = NonNullable<ReturnType<typeof extremesOf>>

const valuesText = ({ most, least }: Pair) =>
  `${formatNumber(meanOf(most.correlation))} and ${formatNumber(meanOf(least.correlation))}`

function pairText({ most, least }: Pair, step: number, now: number): string {
  const [more, fewer] = [most, least].map(({ correlation }) => formatNumber(meanOf(correlation)))
  const when = step === 0 ? 'at initialisation' : `at step ${step}`
  const at = step === now ? '' : ` at step ${now}`
  return (
    `${most.name}, the most shattered ${when} (${more}), has a training error of ` +
    `${errorText(meanOf(most.error))}${at}, and ${least.name}, the least (${fewer}), of ` +
    `${errorText(meanOf(least.error))}${verdictOf({ most, least })}.`
  )
}

/** What the two say of the claim: by the 95 % intervals of paired differences over networks. */
function verdictOf({ most, least }: Pair): string {
  const correlation = pairedDifference(least.correlation, most.correlation)
  const error = pairedDifference(most.error, least.error)
  const open = 'it is not decided whether the more shattered err more'
  if (!correlation || !error || correlation.low === null || error.low === null)
    return `; with one network each ${open}`
  if (error.low === 0 && error.high === 0) return ': they err alike'
  const chance = [
    ...(correlation.low > 0 ? [] : ['correlations']),
    ...(error.low > 0 || error.high! < 0 ? [] : ['errors']),
  ]
  if (chance.length) return `; that their ${joinWords(chance)} differ may be chance, and ${open}`
  return error.low > 0 ? ': here the more shattered err more' : ': here the more shattered err less'
}

// ---- The autocorrelation ------------------------------------------------------------------------------------------

/**
 * How far along the line the derivative stays like itself, before and after.
 * @param white white noise's autocorrelation over lags
 */
export function autocorrelationFinding(
  series: readonly LearnedGradients[],
  white: readonly number[],
  step = Infinity,
): string {
  const known = series.flatMap((one) => {
    const span = spanOf(one, step)
    return span ? [{ name: one.name, ...span, lag: halfLag(span.now.acf.mean) }] : []
  })
  if (!known.length) return ''
  const lost = known.filter(({ lag }) => Number.isNaN(lag))
  const found = known.filter((one) => !lost.includes(one))
  const sentences: string[] = []
  if (found.length) {
    const [{ first, now }] = found
    const parts = found.map(({ name, lag, ...span }) => {
      const before = span.first.step === span.now.step ? NaN : halfLag(span.first.acf.mean)
      const was = Number.isNaN(before) ? '' : `; ${lagText(before, span.first)} at step ${first.step}`
      return `${lagText(lag, span.now)} (${name}${was})`
    })
    const noise = lagText(halfLag(white), now)
    const when = now.step === 0 ? 'Before training' : `At step ${now.step}`
    sentences.push(
      `${when} the autocorrelation of dy/dx first falls below one half at lag ${joinWords(parts)}; white noise: ` +
        `${noise}.`,
    )
  }
  if (lost.length)
    sentences.push(
      `${joinWords(lost.map(({ name }) => name))}: no autocorrelation ${whenText(lost[0].now.step)}, since dy/dx ` +
        'does not vary or is not finite in every network.',
    )
  return sentences.join(' ')
}

const lagText = (lag: number | null, { acf }: Shattering): string =>
  lag === null ? `> ${acf.mean.length - 1}` : String(lag)

// ---- As numbers ---------------------------------------------------------------------------------------------------

type Measured = Pick<LearningSeries, 'block' | 'remedy' | 'evaluations'>

/** One line for each series and evaluation that measured gradients. */
export const correlationCsv = (series: readonly Measured[]): string =>
  toCsv(
    ['block', 'remedy', 'step', 'gradient correlation', 'median', 'low', 'high', 'train error', 'n'],
    series.flatMap(({ block, remedy, evaluations }) =>
      measuredGradients(evaluations).map(({ step, correlation, trainError }): Cell[] => {
        const { mean, median, low, high } = summarisePoint(correlation)
        return [block, remedy, step, mean, median, low, high, meanOf(trainError), correlation.length]
      }),
    ),
  )

/** One line for each series, evaluation that measured gradients, and lag. */
export const autocorrelationCsv = (series: readonly Measured[]): string =>
  toCsv(
    ['block', 'remedy', 'step', 'lag', 'mean', 'low', 'high', 'n'],
    series.flatMap(({ block, remedy, evaluations }) =>
      measuredGradients(evaluations).flatMap(({ step, correlation, acf }) =>
        acf.mean.map((mean, lag): Cell[] => [
          ...[block, remedy, step, lag, mean, acf.low[lag], acf.high[lag], correlation.length],
        ]),
      ),
    ),
  )
