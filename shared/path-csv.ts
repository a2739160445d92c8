import { toCsv, type Cell } from './csv'
import type { LengthRow } from './path-lengths'
import type { MeasuredPaths } from './paths'

interface Series {
  block: string
  remedy: string
}

/** Every term of dy/dx, and of dy/df1 where there is a formula, with its norm. */
export function termsCsv({ block, remedy }: Series, measured: MeasuredPaths, replicas: number): string {
  const header = ['block', 'remedy', 'derivative', 'blocks', 'length', 'norm', 'low', 'high', 'n']
  const rows = (derivative: string, terms: MeasuredPaths['terms']): Cell[][] =>
    (terms ?? []).map(({ blocks, length, norm }) => [
      ...[block, remedy, derivative, blocks.join(' '), length],
      ...[norm.mean, norm.low, norm.high, replicas],
    ])
  return toCsv(header, [
    ...rows('dy/df1', measured.firstDerivative?.terms ?? null),
    ...rows('dy/dx', measured.terms),
  ])
}

/** Counts and shares of energy by length; `low` and `high` as the chart has them. */
export function lengthsCsv({ block, remedy }: Series, rows: readonly LengthRow[], replicas: number): string {
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
  ]
  return toCsv(
    header,
    rows.map((row) => [
      ...[block, remedy, row.length, String(row.count), row.countShare],
      ...[row.share, row.low, row.high, row.theory, replicas],
    ]),
  )
}
