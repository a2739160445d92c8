import { lossUnit } from '../data/measures'
import { capital, formatNumber, joinWords } from '../base/format'
import { summarisePoint } from '../numerics/statistics'
import { sortedTrainRows, type LearningSeries, type TrainRow } from './rows'

/** An error as people read it: "31.2 %". */
export const errorText = (error: number): string => `${formatNumber(100 * error)} %`

/**
 * Which networks err least on the test samples, which most, and whether the difference is one: in plain words, of the
 * rows of one evaluation. Empty while there are none.
 * @param isReal whether networks learn real targets
 */
export function errorFinding(rows: readonly TrainRow[], isReal = false): string {
  const ranked = sortedTrainRows(rows, 'testError')
  const [best] = ranked
  if (!best) return ''
  const when = best.step === 0 ? 'Before training' : `After ${best.step} steps`
  const finite = ranked.filter(({ test }) => !Number.isNaN(test.error.mean))
  const lost = ranked.filter(({ test }) => Number.isNaN(test.error.mean))
  const wrong = isReal ? 'targets’ variance is left unexplained' : 'samples are wrong'
  const sentences: string[] = []
  if (finite.length) {
    const worst = finite[finite.length - 1]
    const { name, train, test } = finite[0]
    const who = rows.length === 1 ? '' : `${name} has the lowest test error: `
    const own = `${errorText(test.error.mean)} (train ${errorText(train.error.mean)})`
    sentences.push(
      rows.length === 1
        ? `${when} ${errorText(test.error.mean)} of the test ${wrong}, ` +
            `${errorText(train.error.mean)} of the training ${isReal ? 'targets’' : 'samples'}.`
        : `${when} ${who}${own}.`,
    )
    if (worst !== finite[0])
      sentences.push(`${worst.name} has the highest: ${errorText(worst.test.error.mean)}.`)
  }
  if (lost.length) sentences.push(`${joinWords(lost.map(lostText))}.`)
  return sentences.join(' ')
}

function lostText({ name, diverged, n }: TrainRow): string {
  const some = diverged === n ? 'all networks have' : `${diverged} of ${n} networks have`
  return `${name}: ${n === 1 ? 'it has' : some} diverged`
}

/** Where each series' test loss was lowest, and whether it has risen since; of evaluations up to one. */
export function lossFinding(
  series: readonly LearningSeries[],
  names: readonly string[],
  last: number,
  isReal = false,
): string {
  const unit = isReal ? '' : ` ${lossUnit(false)}`
  const sentences = series.flatMap(({ evaluations: { step, test } }, i): string[] => {
    const means = test.loss.slice(0, last + 1).map((losses) => summarisePoint(losses).mean)
    const finite = means.flatMap((mean, at) => (Number.isFinite(mean) ? [{ mean, at }] : []))
    if (finite.length < 2) return []
    const best = finite.reduce((least, one) => (one.mean < least.mean ? one : least))
    const now = finite[finite.length - 1]
    const who = series.length === 1 ? 'The test loss' : `${names[i]}’s test loss`
    if (best.at === now.at)
      return [`${who} is lowest now, at step ${step[now.at]}: ${formatNumber(now.mean)}${unit}.`]
    return [
      `${who} was lowest at step ${step[best.at]}, ${formatNumber(best.mean)}${unit}, ` +
        `and is ${formatNumber(now.mean)} at step ${step[now.at]}.`,
    ]
  })
  return sentences.join(' ')
}

/** Why networks have no gradient before their first update: their layer to the outputs starts at 0. */
export const noGradientFinding = (names: readonly string[]): string =>
  names.length
    ? `${joinWords(names)}: no p before the first update, since the layer to the outputs starts at 0 and passes ` +
      'no gradient down.'
    : ''

/** Which block a quantity is largest and smallest in, of each series at one step. @param values of blocks 1..L */
export function blockFinding(
  what: string,
  series: readonly { name: string; values: readonly number[] }[],
): string {
  const sentences = series.flatMap(({ name, values }): string[] => {
    const finite = values.flatMap((value, i) => (Number.isFinite(value) ? [{ value, block: i + 1 }] : []))
    if (finite.length < 2) return []
    const most = finite.reduce((one, other) => (other.value > one.value ? other : one))
    const least = finite.reduce((one, other) => (other.value < one.value ? other : one))
    const who = series.length === 1 ? `${what} is` : `${name}: ${what} is`
    return [
      `${who} largest in block ${most.block}, ${formatNumber(most.value)}, ` +
        `and smallest in block ${least.block}, ${formatNumber(least.value)}.`,
    ]
  })
  const text = sentences.join(' ')
  return capital(text)
}
