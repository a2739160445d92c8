import type { SweepFigure } from '../runs/sweep-reading'
import { setting } from '../settings/table'
import type { SweptSetting } from '../sweep/points'
import type { Appearance } from '../charts/appearance'
import { logRangeOf, rangeOf, type LineChartModel, type LineSeries } from '../charts/line-chart'
import { areRatios, type ShownPoint } from '../runs/shown-sweep'
import type { SeriesAt } from '../runs/series-at'

interface Curved {
  /** Null: nothing is swept. */
  x: SweptSetting | null
  series: readonly Pick<SeriesAt, 'id' | 'name'>[]
  looks: readonly { id: string; look: Appearance }[]
  /** Those that lie on the curve. */
  points: readonly { point: ShownPoint; series: readonly SeriesAt[] }[]
  figure: SweepFigure | undefined
}

/** A number of every series against one setting, measured with its band and dashed as theory has it. */
export function curveOf({ x, series, looks, points, figure }: Curved): Omit<LineChartModel, 'palette'> {
  const lookOf = (id: string) => looks.find((one) => one.id === id)!.look
  const lines = x ? series.flatMap((one) => linesOf(one, x, points, lookOf(one.id))) : []
  const isLog = figure?.isRatio ?? false
  const xs = x?.values ?? [0, 1]
  const [least, most] = [Math.min(...xs), Math.max(...xs)]
  return {
    ...{ series: lines, isLog, isLogX: areRatios(xs) },
    xLabel: x ? setting(x.key).label : '',
    yLabel: figure?.title ?? '',
    x: least === most ? { min: least - 1, max: most + 1 } : { min: least, max: most },
    y: isLog ? logRangeOf(lines) : rangeOf(lines),
  }
}

function linesOf(
  { id, name }: Curved['series'][number],
  x: SweptSetting,
  points: Curved['points'],
  appearance: Appearance,
): LineSeries[] {
  const own = points
    .map(({ point, series }) => ({
      x: point.settings[x.key]!,
      at: series.find((one) => one.id === id),
    }))
    .sort((a, b) => a.x - b.x)
  const measured = own.flatMap(({ x: value, at }) => {
    if (!at?.measured) return []
    const { mean, low, high } = at.measured
    return [{ ...{ x: value, y: mean }, ...(low !== null && { low, high: high! }) }]
  })
  const theory = own.flatMap(({ x: value, at }) =>
    at && at.theory !== null ? [{ x: value, y: at.theory }] : [],
  )
  return [
    ...(measured.length ? [{ id, label: name, appearance, points: measured }] : []),
    ...(theory.length
      ? [{ id: `${id} theory`, label: `${name}, theory`, appearance, dashed: true, points: theory }]
      : []),
  ]
}
