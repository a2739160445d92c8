import type { Evaluations } from '../network/results'
import { emptySummary, setPoint, summarisePoint, type Summary } from '../numerics/statistics'
import type { DepthNetwork } from './cells'
import { correlationOf, type ShatteringMoment } from './shattering'
import type { DepthCell, DepthCurve, Outcomes } from './results'

export type Metric = 'loss' | 'error'
export type Samples = 'train' | 'test'
/** Which of a network's evaluations counts. */
export type Moment = 'final' | 'best'

/** One value a network: its last evaluation, or its lowest; NaN where a network's numbers are not finite. */
export function networkValues(
  evaluations: Pick<Evaluations, 'train' | 'test'>,
  samples: Samples,
  metric: Metric,
  moment: Moment,
): number[] {
  const rows = evaluations[samples][metric]
  const last = rows[rows.length - 1] ?? []
  if (moment === 'final') return [...last]
  return last.map((_, network) => {
    const finite = rows.map((row) => row[network]).filter(Number.isFinite)
    return finite.length ? Math.min(...finite) : NaN
  })
}

/** Curves and what is trained of them so far. */
export interface DepthCells {
  series: readonly DepthNetwork[]
  cells: readonly DepthCell[]
}

/** Every curve over depth, in the order of the series. */
export function depthCurves({ series, cells }: DepthCells): DepthCurve[] {
  return series.map((header, i) => {
    const own = cells.filter((cell) => cell.series === i).sort((a, b) => a.depth - b.depth)
    const summary = (values: (cell: DepthCell) => ArrayLike<number>): Summary => {
      const all = emptySummary(own.length)
      own.forEach((cell, at) => setPoint(all, at, summarisePoint(values(cell))))
      return all
    }
    const outcomes = (samples: Samples, moment: Moment): Outcomes => {
      const over = (metric: Metric) =>
        summary(({ evaluations }) => networkValues(evaluations, samples, metric, moment))
      return { loss: over('loss'), error: over('error') }
    }
    const p0 = emptySummary(own.length)
    own.forEach((cell, at) => setPoint(p0, at, cell.p0))
    const correlations = (moment: ShatteringMoment): Summary | null => {
      const found = own.flatMap((cell) => correlationOf(cell, moment) ?? [])
      if (found.length < own.length) return null
      const all = emptySummary(own.length)
      found.forEach((one, at) => setPoint(all, at, one))
      return all
    }
    return {
      ...header,
      depths: own.map(({ depth }) => depth),
      layers: own.map(({ layers }) => layers),
      parameters: own.map(({ parameters }) => parameters),
      n: own.map(({ evaluations }) => evaluations.train.error.at(-1)?.length ?? 0),
      train: outcomes('train', 'final'),
      test: outcomes('test', 'final'),
      best: { train: outcomes('train', 'best'), test: outcomes('test', 'best') },
      p0,
      gradientCorrelation: { initial: correlations('initial'), final: correlations('final') },
      failures: own.map(({ failure }) => failure),
      seconds: own.map(({ seconds }) => seconds),
    }
  })
}
