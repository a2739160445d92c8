import type { Growth } from '../numerics/growth'
import { remedyTitle } from '../network/series-names'
import { formatNumber, joinWords } from '../base/format'
import { type OrderRow, failureText } from './rows'
import { orderingTitle } from './set'
import { sortedRows, distance } from './ranks'

/** "×2.00"; powers of ten where a factor is absurd. */
export const growthText = (growth: Growth | null): string => (growth ? `×${formatNumber(growth.ratio)}` : '–')

const rowName = (row: Pick<OrderRow, 'blockTitle' | 'remedy'>, all: readonly OrderRow[]) => {
  const title = orderingTitle(row.blockTitle)
  const remedies = new Set(all.map(({ remedy }) => remedy))
  if (remedies.size === 1) return title
  return row.remedy === 'none' ? `${title} without a remedy` : `${title} with ${remedyTitle(row.remedy)}`
}

/**
 * The set in plain words: which ordering keeps its signal's size best and which worst, which fails first, which learns
 * best. Empty while there is nothing to say.
 */
export function orderFinding(rows: readonly OrderRow[], depth: number): string {
  const measured = sortedRows(
    rows.filter((row) => distance(row) < Infinity),
    'rank',
  )
  if (!measured.length) return ''
  const [best] = measured
  const last = measured[measured.length - 1]
  const words = (row: OrderRow) =>
    `${growthText(row.forward)} per block forward, ${growthText(row.backward)} backward`
  const sentences = [`${rowName(best, rows)} keeps its size best: ${words(best)}.`]
  if (last !== best) sentences.push(`${rowName(last, rows)} is farthest from it: ${words(last)}.`)
  sentences.push(failureSentence(measured, rows, depth), trainingSentence(measured, rows))
  return sentences.filter(Boolean).join(' ')
}

function failureSentence(measured: readonly OrderRow[], all: readonly OrderRow[], depth: number): string {
  const failed = sortedRows(
    measured.filter(({ failure }) => failure),
    'failure',
  )
  if (!failed.length)
    return (
      `${measured.length > 1 ? 'None fails' : 'It does not fail'} within ${depth} ` +
      `${depth === 1 ? 'block' : 'blocks'}.`
    )
  const [{ failure }] = failed
  const first = failed.filter(
    (row) => row.failure!.block === failure!.block && row.failure!.quantity === failure!.quantity,
  )
  const who = joinWords(first.map((row) => rowName(row, all)))
  const others = failed.length - first.length
  const rest = others ? ` ${others} more ${others === 1 ? 'fails' : 'fail'} later.` : ''
  const what = failure!.quantity === 'mean square' ? 'mean square' : failure!.quantity
  return `First to fail: ${who}, ${what} at block ${failure!.block}.${rest}`
}

function trainingSentence(measured: readonly OrderRow[], all: readonly OrderRow[]): string {
  const tested = measured.some(({ training }) => training?.testError != null)
  const column = tested ? 'testError' : 'trainError'
  const trained = sortedRows(
    measured.filter(({ training }) => training && Number.isFinite(training[column])),
    column,
  )
  const diverged = measured.filter(({ training }) => training?.failure)
  const lost = diverged.length
    ? joinWords(diverged.slice(0, MOST_NAMED).map((row) => rowName(row, all))) +
      `${diverged.length > MOST_NAMED ? ' and others' : ''} ` +
      'diverged in training.'
    : ''
  if (!trained.length) return lost
  const [best] = trained
  const last = trained[trained.length - 1]
  const error = (row: OrderRow) => percent(row.training![column]!)
  const isEvaluated = trained.every(({ training }) => training!.isEvaluated)
  const kind = tested ? 'test error' : isEvaluated ? 'training error' : 'error on the last batches'
  const { steps } = best.training!
  const beside = last === best ? '' : `, ${rowName(last, all)} the highest (${error(last)})`
  const first =
    `After ${steps} ${steps === 1 ? 'step' : 'steps'} ${rowName(best, all)} has the lowest ${kind} ` +
    `(${error(best)})${beside}.`
  return lost ? `${first} ${lost}` : first
}

const MOST_NAMED = 3

/** 31.2 %, 0 %, 100 %. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${formatNumber(100 * share)} %` : 'NaN'

/** One ordering's small chart in lines: "none: ×2.00 forward, ×2.01 back." Remedies that give the same share one. */
export function orderingFinding(rows: readonly OrderRow[]): string[] {
  const merged = new Map<string, string[]>()
  for (const row of rows) {
    if (!row.n) continue
    const failure = row.failure ? `; fails (${failureText(row.failure)})` : ''
    const text = `${growthText(row.forward)} forward, ${growthText(row.backward)} back${failure}`
    merged.set(text, [...(merged.get(text) ?? []), remedyTitle(row.remedy)])
  }
  return [...merged].map(([text, names]) => `${joinWords(names)}: ${text}.`)
}

/**
 * A chart of all orderings in one sentence: where the signal grows least and most per block on its way. Empty while
 * nothing is measured.
 */
export function extremesFinding(rows: readonly OrderRow[], way: 'forward' | 'backward'): string {
  const sorted = sortedRows(
    rows.filter((row) => row[way]),
    way,
  )
  if (!sorted.length) return ''
  const [least] = sorted
  const most = sorted[sorted.length - 1]
  const words = (row: OrderRow) => `${rowName(row, rows)} (${growthText(row[way])} per block)`
  const which = way === 'forward' ? 'Forward' : 'On its way back'
  if (most === least) return `${which}: ${words(least)}.`
  return `${which}, ${words(least)} grows least and ${words(most)} most.`
}
