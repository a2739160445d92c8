import { outcomeAt, type Evaluations, type Failure, type Outcome } from '../network/results'
import { networkTitle } from '../network/series-names'
import { summarisePoint, type PointSummary } from '../numerics/statistics'
import { pairedDifference, type PairedDifference } from '../numerics/paired'
import { rmseOf } from './rmse'

/** A series of trained networks, finished or not. */
export interface LearningSeries {
  block: string
  blockTitle: string
  remedy: string
  skip: 'on' | 'off'
  /** How many numbers one network learns; null where that is not known yet. */
  parameters: number | null
  evaluations: Evaluations
  failure: Failure | null
}

/** What a table of trained networks says of a series at one evaluation. */
export interface TrainRow {
  /** Its place in the run. */
  series: number
  /** "Type 2 + batch norm". */
  name: string
  parameters: number | null
  /** Networks. */
  n: number
  /** Networks whose test loss is not finite. */
  diverged: number
  /** Updates before the evaluation. */
  step: number
  train: Outcome
  test: Outcome
  /** Of one real target, in its own unit; null where samples have classes or several targets. */
  rmse: { train: PointSummary; test: PointSummary } | null
  /** Test error less the baseline's, network by network; null for the baseline itself. */
  difference: PairedDifference | null
  failure: Failure | null
}

/**
 * The rows of all series that were evaluated so often.
 * @param evaluation index from 0
 * @param baseline series that test errors are held against
 * @param deviation see `targetDeviation`
 */
export function trainRows(
  series: readonly LearningSeries[],
  evaluation: number,
  baseline: number,
  deviation: number | null = null,
): TrainRow[] {
  const errorsOf = (i: number) => series[i]?.evaluations.test.error[evaluation] ?? []
  return series.flatMap((one, i) => {
    const { evaluations, failure, parameters } = one
    const [train, test] = [outcomeAt(evaluations.train, evaluation), outcomeAt(evaluations.test, evaluation)]
    if (evaluation < 0 || !train || !test) return []
    const step = evaluations.step[evaluation]
    const losses = evaluations.test.loss[evaluation]
    return {
      series: i,
      name: networkTitle(one),
      parameters,
      n: losses.length,
      diverged: losses.filter((loss) => !Number.isFinite(loss)).length,
      step,
      train,
      test,
      rmse:
        deviation === null
          ? null
          : {
              train: summarisePoint(rmseOf(evaluations.train.loss[evaluation], deviation)),
              test: summarisePoint(rmseOf(losses, deviation)),
            },
      difference: i === baseline ? null : pairedDifference(errorsOf(i), errorsOf(baseline)),
      // What happens later has not happened yet.
      failure: failure && failure.step <= step ? failure : null,
    }
  })
}

export type TrainColumn =
  | 'name'
  | 'n'
  | 'parameters'
  | 'trainLoss'
  | 'testLoss'
  | 'trainError'
  | 'testError'
  | 'trainRmse'
  | 'testRmse'
  | 'difference'

/** What a row is sorted by; null stands at the end however the table is turned. */
function sortKey(row: TrainRow, column: TrainColumn): number | string | null {
  const value = {
    name: row.name,
    n: row.n,
    parameters: row.parameters,
    trainLoss: row.train.loss.mean,
    testLoss: row.test.loss.mean,
    trainError: row.train.error.mean,
    testError: row.test.error.mean,
    trainRmse: row.rmse?.train.mean ?? null,
    testRmse: row.rmse?.test.mean ?? null,
    difference: row.difference ? row.difference.mean : 0,
  }[column]
  return typeof value === 'number' && Number.isNaN(value) ? null : value
}

/** Rows in the order of a column, equal ones as they stood, diverged ones last. */
export function sortedTrainRows(
  rows: readonly TrainRow[],
  column: TrainColumn,
  descending = false,
): TrainRow[] {
  const keyed = rows.map((row, i) => ({ row, i, key: sortKey(row, column) }))
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.i - b.i
    const order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0
    return (descending ? -order : order) || a.i - b.i
  })
  return keyed.map(({ row }) => row)
}

/** Where and when numbers stopped being finite: "step 12, block 3: gradient". */
export const divergenceText = ({ step, block, quantity }: Failure): string =>
  `step ${step}, block ${block}: ${quantity}`
