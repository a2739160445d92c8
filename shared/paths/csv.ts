import { toCsv, type Cell } from '../base/csv'
import type { LengthRow } from './lengths'
import type { MeasuredPaths } from './results'

interface Series {
  block: string
  remedy: string
}

/**
 * Every term of dy/dx, and of dy/df1 where there is a formula, with its norm.
 * @param n networks; samples where one trained network is measured
 * @param initial the same network before its training
 */
export function termsCsv(
  { block, remedy }: Series,
  measured: MeasuredPaths,
  n: number,
  initial: MeasuredPaths | null = null,
): string {
  const header = ['block', 'remedy', 'derivative', 'blocks', 'length', 'norm', 'low', 'high', 'n']
  const rows = (
    derivative: string,
    terms: MeasuredPaths['terms'],
    before: MeasuredPaths['terms'] | undefined,
  ): Cell[][] =>
    (terms ?? []).map(({ blocks, length, norm }, i) => [
      ...[block, remedy, derivative, blocks.join(' '), length],
      ...[norm.mean, norm.low, norm.high, n],
      ...(initial ? [before?.[i].norm.mean ?? null] : []),
    ])
  return toCsv(
    [...header, ...(initial ? ['at initialisation'] : [])],
    [
      ...rows('dy/df1', measured.firstDerivative?.terms ?? null, initial?.firstDerivative?.terms),
      ...rows('dy/dx', measured.terms, initial?.terms),
    ],
  )
}

/**
 * Counts and shares of energy by length; `low` and `high` as the chart has them.
 * @param n,
 * @param initial as of `termsCsv`
 */
export function lengthsCsv(
  { block, remedy }: Series,
  rows: readonly LengthRow[],
  n: number,
  initial: readonly LengthRow[] | null = null,
): string {
  const header = [
    'block',
    'remedy',
    'length',
    'count',
    'count share',
    'energy share',
    'low',
    'high',
    'theory',
    'n',
    ...(initial ? ['at initialisation'] : []),
  ]
  return toCsv(
    header,
    rows.map((row, i) => [
      ...[block, remedy, row.length, String(row.count), row.countShare],
      ...[row.share, row.low, row.high, row.theory, n],
      ...(initial ? [initial[i].share] : []),
    ]),
  )
}
