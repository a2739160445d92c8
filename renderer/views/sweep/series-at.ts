import type { PointNumber, PointSeries } from '../../../shared/runs/sweep-reading'

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
