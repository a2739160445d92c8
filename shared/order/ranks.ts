import { remedyTitle } from '../network/series-names'
import type { OrderRow } from './rows'
import { orderingTitle } from './set'

/**
 * How far an ordering is from keeping its signal's size: |ln growth| per block, forward or backward, whichever is more.
 * What fails is farther than what does not; Infinity where nothing is measured.
 */
export function distance({ n, forward, backward, failure }: OrderRow): number {
  const known = [forward, backward].flatMap((growth) => (growth ? [Math.abs(Math.log(growth.ratio))] : []))
  if (!n || !known.length) return Infinity
  const worst = Math.min(FAILED, Math.max(...known))
  // What has no growth one way has no gradient there, or none that is a number.
  return failure || known.length < 2 ? FAILED + worst : worst
}

/** More than any growth per block that float32 holds. */
const FAILED = 1e3

export type OrderColumn =
  | 'rank'
  | 'block'
  | 'remedy'
  | 'forward'
  | 'backward'
  | 'failure'
  | 'trainError'
  | 'testError'
  | 'seconds'
  | 'n'

/** What a row is sorted by; null: nothing, at the end however the table is turned. */
function sortKey(row: OrderRow, column: OrderColumn): number | string | null {
  switch (column) {
    case 'rank': {
      const far = distance(row)
      return far === Infinity ? null : far
    }
    case 'block':
      return orderingTitle(row.blockTitle)
    case 'remedy':
      return remedyTitle(row.remedy)
    case 'forward':
    case 'backward':
      return row[column]?.ratio ?? null
    case 'failure':
      return row.failure
        ? row.failure.quantity === 'gradient'
          ? 1e9 - row.failure.block
          : row.failure.block
        : null
    case 'trainError':
    case 'testError': {
      const error = row.training?.[column] ?? null
      return error === null || Number.isNaN(error) ? null : error
    }
    case 'seconds':
      return row.training?.seconds ?? row.seconds
    case 'n':
      return row.n
  }
}

/** Rows in the order of a column, equal ones as they stood. */
export function sortedRows<R extends OrderRow>(
  rows: readonly R[],
  column: OrderColumn,
  descending = false,
): R[] {
  const keyed = rows.map((row, i) => ({ row, i, key: sortKey(row, column) }))
  const turn = descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.i - b.i
    const order =
      typeof a.key === 'string' ? a.key.localeCompare(b.key as string, 'en') : a.key - (b.key as number)
    return turn * order || a.i - b.i
  })
  return keyed.map(({ row }) => row)
}

/** The rank of each row, from 1; null where nothing is measured. Equal distances share a rank. */
export function ranks(rows: readonly OrderRow[]): (number | null)[] {
  const distances = rows.map(distance)
  return distances.map((one) =>
    one === Infinity ? null : 1 + distances.filter((other) => other < one).length,
  )
}
