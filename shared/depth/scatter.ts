import type { Appearance } from '../charts/appearance'
import { rangeOf, type LineChartModel, type LineSeries } from '../charts/line-chart'
import { shatteringPoints, type ShatteringMoment } from './shattering'
import type { DepthCell } from './results'

/** A curve of the comparison as charts show it. */
interface ShownCurve {
  /** Which of the comparison's. */
  series: number
  id: string
  name: string
  look: Appearance
}

/** Gradient correlation against final training error in per cent: a mark a network, curve by curve. */
export function shatteringScatter(
  cells: readonly DepthCell[],
  shown: readonly ShownCurve[],
  moment: ShatteringMoment,
): Omit<LineChartModel, 'palette'> {
  const all = shatteringPoints({ cells }, moment)
  const series = shown.map(({ series: own, id, name, look }): LineSeries => ({
    ...{ id, label: name, appearance: look, pointsOnly: true },
    points: all
      .filter((point) => point.series === own)
      .map(({ correlation, error }) => ({ x: correlation, y: 100 * error })),
  }))
  const places = series.flatMap(({ points }) => points.map(({ x }) => x))
  return {
    series,
    ...{ xLabel: `${moment} gradient correlation`, yLabel: 'training error (%)' },
    x: { min: Math.min(0, ...places), max: Math.max(0.1, ...places) * 1.04 },
    y: rangeOf(series, { min: 0 }),
  }
}
