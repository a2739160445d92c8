import type { SweepFigure } from '../runs/sweep-reading'
import { setting } from '../settings/table'
import type { SweptSetting } from '../sweep/points'
import { scaleOf, type MapCell, type MapEdge, type MapModel, type MapScale } from '../charts/map-chart'
import type { ShownPoint } from '../runs/shown-sweep'
import { valueText } from '../sweep/words'
import type { SeriesAt } from '../runs/series-at'

interface Mapped {
  /** Along the map and up it. */
  x: SweptSetting
  y: SweptSetting
  points: readonly ShownPoint[]
  figure: SweepFigure
  /** What is known of one series at a point. */
  seriesAt(point: ShownPoint): SeriesAt | undefined
  /** Why nothing was measured at a point; null: its turn has not come. */
  edgeOf(point: ShownPoint): MapEdge | null
}

/** One series over two settings: measured, as theory has it where it says anything, and how far these are apart. */
export function mapsOf({ x, y, points, figure, seriesAt, edgeOf }: Mapped): Omit<MapModel, 'palette'>[] {
  const { isRatio, title } = figure
  const cells = cellsOver(x, y, points)
  const measured = cells((point) => {
    const value = seriesAt(point)?.measured
    if (value) return cellOf(value.mean, isRatio)
    const edge = edgeOf(point)
    return edge && { value: NaN, edge }
  })
  const theory = cells((point) => {
    const value = seriesAt(point)?.theory ?? null
    return value === null ? null : cellOf(value, isRatio)
  })
  const difference = cells((point) => {
    const one = seriesAt(point)
    if (!one?.measured || one.theory === null) return null
    return differenceOf(one.measured.mean, one.theory, isRatio)
  })
  const scale = scaleOf([...valuesIn(measured), ...valuesIn(theory)], {
    ...{ isDiverging: isRatio, isLog: isRatio },
    label: isRatio ? SYMBOLS[figure.key] : title,
  })
  const apart = scaleOf(valuesIn(difference), {
    ...{ isDiverging: true, isLog: isRatio },
    label: isRatio ? 'measured / theory' : 'measured − theory',
    middle: 'alike',
  })
  const map = (name: string, own: MapModel['cells'], ownScale: MapScale): Omit<MapModel, 'palette'> => ({
    ...{ title: name, xLabel: setting(x.key).label, yLabel: setting(y.key).label },
    ...{ columns: x.values.map(valueText), rows: y.values.map(valueText) },
    ...{ cells: own, scale: ownScale },
  })
  const hasTheory = theory.some((row) => row.some((cell) => cell !== null))
  return [
    map('measured', measured, scale),
    ...(hasTheory ? [map('theory', theory, scale), map('difference', difference, apart)] : []),
  ]
}

/** The points in rows and columns. */
function cellsOver(x: SweptSetting, y: SweptSetting, points: readonly ShownPoint[]) {
  const byPlace: Partial<Record<string, ShownPoint>> = Object.fromEntries(
    points.map((point) => [`${point.settings[x.key]} ${point.settings[y.key]}`, point]),
  )
  return (of: (point: ShownPoint) => MapCell | null): MapModel['cells'] =>
    y.values.map((row) =>
      x.values.map((column) => {
        const point = byPlace[`${column} ${row}`]
        return point ? of(point) : null
      }),
    )
}

const SYMBOLS: Record<string, string> = { growth: 'q_L / q_0', 'gradient growth': 'p_0', rate: 'per block' }

const valuesIn = (cells: MapModel['cells']): number[] =>
  cells.flatMap((row) => row.flatMap((cell) => (cell && !cell.edge ? cell.value : [])))

/** A number as a map has it. */
export function cellOf(value: number, isRatio: boolean): MapCell {
  if (Number.isNaN(value)) return { value: NaN, edge: 'nan' }
  if (!Number.isFinite(value)) return { value: NaN, edge: 'overflow' }
  if (!isRatio) return { value, edge: null }
  if (value <= 0) return { value: NaN, edge: value === 0 ? 'vanished' : 'nan' }
  return { value: Math.log10(value), edge: null }
}

function differenceOf(measured: number, theory: number, isRatio: boolean): MapCell {
  const [a, b] = [cellOf(measured, isRatio), cellOf(theory, isRatio)]
  if (a.edge || b.edge) return { value: NaN, edge: a.edge ?? b.edge }
  return { value: a.value - b.value, edge: null }
}
