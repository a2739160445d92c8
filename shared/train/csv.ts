import { toCsv, type Cell } from '../base/csv'
import type { PairedDifference } from '../numerics/paired'
import { summarisePoint, type Summary } from '../numerics/statistics'
import type { LearningSeries, TrainRow } from './rows'

/** One line for each series, set, metric and evaluation. */
export function curvesCsv(series: readonly LearningSeries[], metric: 'loss' | 'error'): string {
  const header = ['block', 'remedy', 'set', 'step', 'learning rate', metric, 'median', 'low', 'high', 'n']
  return toCsv(header, rows())

  function* rows(): Iterable<Cell[]> {
    for (const { block, remedy, evaluations } of series)
      for (const set of SETS)
        for (const [i, step] of evaluations.step.entries()) {
          const values = evaluations[set][metric][i]
          const { mean, median, low, high } = summarisePoint(values)
          const rate = evaluations.learningRate[i]
          yield [block, remedy, set, step, rate, mean, median, low, high, values.length]
        }
  }
}

/** One line for each evaluation. */
export const learningRateCsv = ({ step, learningRate }: { step: number[]; learningRate: number[] }): string =>
  toCsv(
    ['step', 'learning rate'],
    step.map((one, i) => [one, learningRate[i]]),
  )

/** One line for each series and block, at one step. @param summary of each series, over k = first.. */
export function blocksCsv(
  series: readonly { block: string; remedy: string; summary: Summary; first: number }[],
  quantity: string,
  { step, n }: { step: number; n: number },
): string {
  const lines = series.flatMap(({ block, remedy, summary: { mean, median, low, high }, first }) =>
    mean.map((value, i) => [block, remedy, quantity, first + i, value, median[i], low[i], high[i], n, step]),
  )
  return toCsv(['block', 'remedy', 'quantity', 'k', 'mean', 'median', 'low', 'high', 'n', 'step'], lines)
}

const STATISTICS = ['mean', 'median', 'low', 'high'] as const
const SETS = ['train', 'test'] as const
const COLUMNS = SETS.flatMap((set) =>
  (['loss', 'error'] as const).flatMap((metric) =>
    STATISTICS.map((statistic) => ({ set, metric, statistic })),
  ),
)

/** One line for each row of the table, with everything that it knows. */
export function tableCsv(rows: readonly TrainRow[], series: readonly LearningSeries[]): string {
  const titles = COLUMNS.map(({ set, metric, statistic }) => `${set} ${metric} ${statistic}`)
  const difference = ['difference', 'difference low', 'difference high']
  const hasRmse = rows.some(({ rmse }) => rmse !== null)
  const rmseTitles = SETS.flatMap((set) => STATISTICS.map((statistic) => `${set} rmse ${statistic}`))
  const own = hasRmse ? [...titles, ...rmseTitles] : titles
  const header = ['block', 'remedy', 'step', 'n', 'diverged', 'parameters', ...own, ...difference]
  const of = (one: PairedDifference | null): Cell[] =>
    one ? [one.mean, one.low, one.high] : [null, null, null]
  return toCsv(
    header,
    rows.map((row) => [
      ...[series[row.series].block, series[row.series].remedy],
      ...[row.step, row.n, row.diverged, row.parameters],
      ...COLUMNS.map(({ set, metric, statistic }) => row[set][metric][statistic]),
      ...(hasRmse
        ? SETS.flatMap((set) => STATISTICS.map((statistic) => row.rmse?.[set][statistic] ?? null))
        : []),
      ...of(row.difference),
    ]),
  )
}
