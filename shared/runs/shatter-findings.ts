import { formatNumber, joinWords } from '../base/format'
import { summarisePoint } from '../numerics/statistics'
import {
  autocorrelationFinding,
  correlationFinding,
  type LearnedGradients,
  type MeasuredGradients,
} from '../train/shattering'
import { acfFinding, networkName } from '../shatter/findings'
import type { LearnedThen, ShatterNetwork, ShatterResult, ShatterSeries } from '../shatter/results'

/** What the trained networks of a run say of their gradients at the steps that were looked at. */

type Learned = ShatterSeries & { learned: LearnedThen }

export const learnedOf = (series: readonly ShatterSeries[]): Learned[] =>
  series.filter((one): one is Learned => one.learned !== undefined)

/** Networks of one series at several steps have this in common. */
export const seriesIdOf = ({ block, remedy }: Pick<ShatterNetwork, 'block' | 'remedy'>) =>
  `${block}/${remedy}`

/** Each series with its measurements, ascending in their steps; networks of which no step is known are left out. */
export function learnedGradients(series: readonly ShatterSeries[]): (LearnedGradients & { id: string })[] {
  const known = learnedOf(series).filter(({ step }) => typeof step === 'number')
  return [...new Set(known.map(seriesIdOf))].map((id) => {
    const own = known.filter((one) => seriesIdOf(one) === id)
    const measured = own.map(({ step, acf, learned }): MeasuredGradients => ({
      ...{ step: step!, acf, correlation: learned.correlations, trainError: learned.train.error },
    }))
    return { id, name: networkName({ ...own[0], step: undefined }, known), measured }
  })
}

/**
 * How correlated gradients at different test samples are, what training did to that, and whether it goes with training
 * errors; and which networks were not trained again as the run was.
 */
export function trainedCorrelationFinding(series: readonly ShatterSeries[]): string {
  const unknown = learnedOf(series).filter(({ step }) => step === null)
  const values = unknown.map((one) => {
    const value = formatNumber(summarisePoint(one.learned.correlations).mean)
    return unknown.length === 1 ? value : `${value} (${networkName(one, unknown)})`
  })
  return [
    ...(values.length ? [`Gradients at two test samples correlate by ${joinWords(values)}.`] : []),
    correlationFinding(learnedGradients(series)),
    otherText(series),
  ]
    .filter(Boolean)
    .join(' ')
}

/** Networks whose training losses are not those that the run found: another device or program trained them. */
function otherText(series: readonly ShatterSeries[]): string {
  const other = learnedOf(series).filter(({ learned }) => learned.agrees === false)
  if (!other.length) return ''
  return (
    `Trained again, ${joinWords(other.map((one) => networkName(one, series)))} have not the training loss that the ` +
    'run found at that step: another device or version of the program trained them, and numbers differ in their ' +
    'last digits, or by more after many steps.'
  )
}

/** How far along the line dy/dx stays like itself: of one step in full, of several at the first and the last. */
export function trainedAcfFinding({
  series,
  references,
  x,
}: Pick<ShatterResult, 'references' | 'x'> & { series: readonly ShatterSeries[] }): string {
  const steps = new Set(series.map(({ step }) => step))
  if (steps.size < 2) return acfFinding({ series, references, x, center: null })
  return autocorrelationFinding(learnedGradients(series), references.white.mean)
}
