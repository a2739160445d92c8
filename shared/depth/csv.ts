import { toCsv, type Cell } from '../base/csv'
import { summarisePoint, type PointSummary } from '../numerics/statistics'
import { SHATTERING_MOMENTS, correlationOf, shatteringPoints } from './shattering'
import type { DepthCell } from './results'
import { networkValues, type DepthCells, type Metric, type Moment, type Samples } from './curves'

const SAMPLES: readonly Samples[] = ['train', 'test']
const METRICS: readonly Metric[] = ['loss', 'error']
const MOMENTS: readonly Moment[] = ['final', 'best']

const FIGURES = MOMENTS.flatMap((moment) =>
  SAMPLES.flatMap((samples) => METRICS.map((metric) => ({ moment, samples, metric }))),
)

const spread = (name: string) => ['mean', 'median', 'low', 'high'].map((key) => `${name}_${key}`)
const spreadCells = ({ mean, median, low, high }: PointSummary): Cell[] => [mean, median, low, high]

/** A line a curve and depth, every number with all its digits; errors are shares in 0..1. */
export function depthCsv({ series, cells }: DepthCells): string {
  const header = [
    ...['block', 'remedy', 'skip', 'depth', 'layers', 'parameters', 'n'],
    ...FIGURES.flatMap(({ moment, samples, metric }) => spread(`${moment}_${samples}_${metric}`)),
    ...spread('p0'),
    ...SHATTERING_MOMENTS.flatMap((moment) => spread(`${moment}_gradient_correlation`)),
    ...['failure', 'failure_step', 'seconds'],
  ]
  return toCsv(
    header,
    cells.map((cell): Cell[] => {
      const { block, remedy, skip } = series[cell.series]
      const { depth, layers, parameters, evaluations, p0, failure, seconds } = cell
      const values = FIGURES.map(({ moment, samples, metric }) =>
        summarisePoint(networkValues(evaluations, samples, metric, moment)),
      )
      const n = evaluations.train.error.at(-1)?.length ?? 0
      return [
        ...[block, remedy, skip, depth, layers, parameters, n],
        ...values.flatMap(spreadCells),
        ...spreadCells(p0),
        ...SHATTERING_MOMENTS.flatMap((moment) => {
          const found = correlationOf(cell, moment)
          return found ? spreadCells(found) : [null, null, null, null]
        }),
        ...[failure?.quantity ?? null, failure?.step ?? null, seconds],
      ]
    }),
  )
}

/** A line a network and moment: gradients against errors. */
export function shatteringCsv({ series, cells }: DepthCells): string {
  const header = [
    'block',
    'remedy',
    'skip',
    'depth',
    'network',
    'moment',
    'gradient_correlation',
    'train_error',
  ]
  const rows = SHATTERING_MOMENTS.flatMap((moment) =>
    shatteringPoints({ cells }, moment).map(({ series: i, depth, network, correlation, error }): Cell[] => {
      const { block, remedy, skip } = series[i]
      return [block, remedy, skip, depth, network + 1, moment, correlation, error]
    }),
  )
  return toCsv(header, rows)
}

/**
 * The learning curves: a line an evaluation of each cell.
 * @param onTheWay a cell that learns still, or was stopped: `finished` is "no" in its lines, in all others "yes"
 */
export function depthCurvesCsv(
  { series, cells }: DepthCells,
  onTheWay: Pick<DepthCell, 'series' | 'depth' | 'evaluations'> | null = null,
): string {
  const columns = SAMPLES.flatMap((samples) => METRICS.map((metric) => ({ samples, metric })))
  const header = [
    ...['block', 'remedy', 'skip', 'depth', 'n', 'step', 'learning_rate'],
    ...columns.flatMap(({ samples, metric }) => spread(`${samples}_${metric}`)),
    'finished',
  ]
  const rows = [...cells, ...(onTheWay ? [onTheWay] : [])].flatMap((cell) => {
    const { depth, evaluations } = cell
    const { block, remedy, skip } = series[cell.series]
    return evaluations.step.map((step, at): Cell[] => [
      ...[block, remedy, skip, depth, evaluations.train.error[at].length],
      ...[step, evaluations.learningRate[at]],
      ...columns.flatMap(({ samples, metric }) =>
        spreadCells(summarisePoint(evaluations[samples][metric][at])),
      ),
      cell === onTheWay ? 'no' : 'yes',
    ])
  })
  return toCsv(header, rows)
}
