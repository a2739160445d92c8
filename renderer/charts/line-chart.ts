import {
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartConfiguration,
  type ChartDataset,
} from 'chart.js'
import { formatNumber } from '../../shared/base/format'
import type { Appearance } from './appearance'
import { drawMarker } from './marks'
import { transparent, type Palette } from './palette'
import { textSize, typeface } from './type'

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip)

export interface LinePoint {
  x: number
  y: number
  /** Edges of the band. */
  low?: number
  high?: number
}

export interface LineSeries {
  id: string
  label: string
  appearance: Appearance
  /** Theory and references; measurements are solid. */
  dashed?: boolean
  points: readonly LinePoint[]
}

/** Everything a plain chart of lines with bands shows. */
export interface LineChartModel {
  series: readonly LineSeries[]
  xLabel: string
  yLabel: string
  x: { min: number; max: number }
  y: { min: number; max: number }
  palette: Palette
}

/**
 * Where there are more points than this, they carry a marker at every so many pixels, each series at places of its own.
 */
const MOST_MARKERS = 64
const MARKER_ROOM = 90

/** @param model read anew at each draw */
export function lineChartConfig(model: () => LineChartModel): ChartConfiguration<'line', LinePoint[]> {
  const { palette, xLabel, yLabel, x, y } = model()
  const text = { color: palette.muted, font: { family: typeface(), size: textSize('small') } }
  const axis = (label: string) => ({
    type: 'linear' as const,
    grid: { color: palette.grid, tickLength: 0 },
    border: { color: palette.axis },
    title: { display: label !== '', text: label, ...text, padding: 2 },
    ticks: {
      ...text,
      padding: 6,
      maxRotation: 0,
      maxTicksLimit: 9,
      // Chart.js chooses round numbers; the ends of the range are none.
      includeBounds: false,
      callback: (value: string | number) => tickText(Number(value)),
    },
  })
  return {
    type: 'line',
    data: { datasets: lineDatasets(model()) },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      layout: { padding: { top: 6, right: 10 } },
      elements: { point: { radius: 0, hitRadius: 6 }, line: { tension: 0 } },
      plugins: {
        tooltip: {
          animation: false,
          backgroundColor: palette.surface,
          borderColor: palette.axis,
          borderWidth: 1,
          titleColor: palette.ink,
          bodyColor: palette.ink,
          titleFont: { family: typeface(), size: textSize('note'), weight: 600 },
          bodyFont: { family: typeface(), size: textSize('note') },
          displayColors: false,
          filter: (item) => !item.dataset.label?.startsWith(BAND),
          callbacks: {
            title: (items) =>
              items.length ? `${model().xLabel} ${formatNumber(items[0].parsed.x ?? NaN)}` : '',
            label: ({ dataset, parsed, dataIndex }) => {
              const { low, high } = dataset.data[dataIndex] as unknown as LinePoint
              const band = low === undefined ? '' : ` (${formatNumber(low)} to ${formatNumber(high ?? NaN)})`
              return `${dataset.label}: ${formatNumber(parsed.y ?? NaN)}${band}`
            },
          },
        },
      },
      scales: { x: { ...axis(xLabel), ...x }, y: { ...axis(yLabel), ...y } },
    },
    plugins: [{ id: 'markers', afterDatasetsDraw: (chart) => drawMarkers(chart as LineChart, model()) }],
  }
}

/** Round numbers as they are: 0.2, 15, 1e6. */
function tickText(value: number): string {
  const rounded = Number(value.toPrecision(6))
  const size = Math.abs(rounded)
  return size !== 0 && (size >= 1e5 || size < 1e-3)
    ? formatNumber(rounded)
    : String(rounded).replace('-', '−')
}

export type LineChart = Chart<'line', LinePoint[]>
const BAND = 'band of '

/** Brings a living chart up to the model. */
export function refreshLines(chart: LineChart, model: LineChartModel): void {
  chart.data.datasets = lineDatasets(model)
  const { x, y } = chart.options.scales as Record<
    'x' | 'y',
    { min?: number; max?: number; title: { text: string } }
  >
  Object.assign(x, model.x)
  Object.assign(y, model.y)
  x.title.text = model.xLabel
  y.title.text = model.yLabel
  chart.update('none')
}

function lineDatasets({ series }: LineChartModel): ChartDataset<'line', LinePoint[]>[] {
  const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0 }
  const bands = series.flatMap(({ id, points, appearance }) => {
    if (!points.some(({ low }) => low !== undefined)) return []
    const at = (key: 'low' | 'high') => points.map((point) => ({ x: point.x, y: point[key] ?? point.y }))
    return [
      { label: `${BAND}${id} low`, data: at('low'), ...edge, fill: false },
      {
        label: `${BAND}${id} high`,
        data: at('high'),
        ...edge,
        fill: '-1',
        backgroundColor: transparent(appearance.colour, 0.13),
      },
    ]
  })
  const lines = series.map(({ label, points, appearance, dashed }) => ({
    label,
    data: [...points],
    borderColor: appearance.colour,
    borderWidth: dashed ? 1.2 : appearance.width,
    ...(dashed ? { borderDash: [5, 4] } : {}),
    fill: false,
  }))
  return [...bands, ...lines]
}

/** Series are told apart by markers too, not by colour alone. */
function drawMarkers(chart: LineChart, { series, palette }: LineChartModel): void {
  const { x, y } = chart.scales
  series.forEach(({ points, appearance, dashed }, i) => {
    if (dashed) return
    const isDense = points.length > MOST_MARKERS
    const stride = isDense ? Math.ceil((points.length * MARKER_ROOM) / Math.max(1, x.width)) : 1
    for (let at = isDense ? Math.floor((i * stride) / series.length) : 0; at < points.length; at += stride) {
      const point = points[at]
      if (!Number.isFinite(point.y) || point.x < x.min || point.x > x.max) continue
      drawMarker(chart.ctx, appearance, x.getPixelForValue(point.x), y.getPixelForValue(point.y), palette)
    }
  })
}

/** From the smallest to the largest value of what is shown, bands included, a little wider; `fixed` keeps an end. */
export function rangeOf(
  series: readonly LineSeries[],
  fixed: { min?: number; max?: number } = {},
): { min: number; max: number } {
  const values = series
    .flatMap(({ points }) => points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]))
    .filter(Number.isFinite)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  if (!values.length) return { min: fixed.min ?? 0, max: fixed.max ?? 1 }
  const room = 0.05 * (most - least || Math.abs(most) || 1)
  return { min: fixed.min ?? least - room, max: fixed.max ?? most + room }
}
