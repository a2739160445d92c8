import type { PointNumber, PointSeries } from './sweep-reading'

/** One series at one point: what was measured and what theory says. */
export interface SeriesAt {
  id: string
  name: string
  block: string
  remedy: string
  measured: PointNumber | null
  theory: number | null
  chart: PointSeries['chart']
}

/** What a run at a point says of one number. @param key of the number @param theoryOf where the run has none */
export const seriesAt = (
  read: readonly PointSeries[],
  key: string,
  theoryOf: (one: PointSeries) => number | null = () => null,
): SeriesAt[] =>
  read.map((one) => ({
    ...{ id: `${one.block}/${one.remedy}`, name: one.name, block: one.block, remedy: one.remedy },
    measured: one.measured[key] ?? null,
    theory: one.theory[key] ?? theoryOf(one),
    chart: one.chart,
  }))
