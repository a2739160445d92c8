import {
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  type ChartConfiguration,
  type ChartDataset,
  type Scale,
} from 'chart.js'
import { formatNumber, superscript } from '../base/format'
import type { Appearance } from './appearance'
import { exchangeLines } from './exchange'
import { drawMarker } from './marks'
import { transparent, type Palette } from './palette'

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Filler, Tooltip)

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
  /** Drawn beside what the chart is about, a curve of another run: a thin line without markers. */
  thin?: boolean
  /** Marks alone: figures of others, which no line joins. */
  pointsOnly?: boolean
  /** The band as a bar at each point, where nothing lies between two points. */
  bars?: boolean
  points: readonly LinePoint[]
}

/** Everything a plain chart of lines with bands shows. */
export interface LineChartModel {
  series: readonly LineSeries[]
  xLabel: string
  yLabel: string
  x: { min: number; max: number }
  y: { min: number; max: number }
  /** Values by their logarithm; those that have none are left out. */
  isLog?: boolean
  /** Places on the x axis by their logarithm. */
  isLogX?: boolean
  /** Width of the value axis in CSS pixels, for charts above each other whose x axes line up. */
  axisRoom?: number
  /** The x axis is that of the chart below: its numbers stand there. */
  hidesX?: boolean
  palette: Palette
}

/**
 * Where there are more points than this, they carry a marker at every so many pixels, each series at places of its own.
 */
const MOST_MARKERS = 64
const MARKER_ROOM = 90

/** Half of the last number of an x axis stands beyond it: charts above it keep the same room. */
const LAST_LABEL_ROOM = 22

/** @param model read anew at each draw */
export function lineChartConfig(model: () => LineChartModel): ChartConfiguration<'line', LinePoint[]> {
  const { palette, xLabel, yLabel, x, y, isLog, isLogX, axisRoom, hidesX } = model()
  const text = {
    color: palette.muted,
    font: { family: palette.type.typeface, size: palette.type.size('small') },
  }
  const axis = (label: string) => ({
    type: 'linear' as const,
    grid: { color: palette.grid, tickLength: 0 },
    border: { color: palette.axis },
    title: { ...titleOf(label), ...text, padding: 2 },
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
      layout: { padding: { top: 6, right: axisRoom === undefined ? 10 : LAST_LABEL_ROOM } },
      elements: { point: { radius: 0, hitRadius: 6 }, line: { tension: 0 } },
      plugins: {
        tooltip: {
          animation: false,
          backgroundColor: palette.surface,
          borderColor: palette.axis,
          borderWidth: 1,
          titleColor: palette.ink,
          bodyColor: palette.ink,
          titleFont: { family: palette.type.typeface, size: palette.type.size('note'), weight: 600 },
          bodyFont: { family: palette.type.typeface, size: palette.type.size('note') },
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
      scales: {
        x: {
          ...axis(hidesX ? '' : xLabel),
          ...(hidesX ? { ticks: { display: false } } : {}),
          ...(isLogX ? LOG_AXIS : {}),
          ...x,
        },
        y: {
          ...axis(yLabel),
          ...(isLog ? LOG_AXIS : {}),
          ...y,
          ...(axisRoom === undefined ? {} : { afterFit: (scale: Scale) => void (scale.width = axisRoom) }),
        },
      },
    },
    plugins: [{ id: 'markers', afterDatasetsDraw: (chart) => drawMarkers(chart as LineChart, model()) }],
  }
}

const titleOf = (label: string) => ({ display: label !== '', text: label })

const MOST_TICKS = 9
const LEAST_GAP = 0.06
const LOG_AXIS = { type: 'logarithmic' as const, afterBuildTicks: keepRoundTicks }

/**
 * Chart.js marks 1 to 9 of every power of ten, and the ends of the range, which are no round numbers: the richest of
 * three sets of round ones that has at most nine, none of them on each other, stays.
 */
export function keepRoundTicks(scale: { ticks: { value: number }[]; min?: number; max?: number }): void {
  const leadingDigit = ({ value }: { value: number }) => value / 10 ** Math.floor(Math.log10(value) + 1e-9)
  const sets = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1]].map((digits) =>
    scale.ticks.filter((tick) => digits.some((digit) => Math.abs(leadingDigit(tick) / digit - 1) < 1e-6)),
  )
  const { min = NaN, max = NaN } = scale
  /** Numbers nearer than that on the axis stand on each other. */
  const isLoose = (ticks: { value: number }[]) =>
    ticks.every(
      ({ value }, i) => !i || !(Math.log(value / ticks[i - 1].value) < LEAST_GAP * Math.log(max / min)),
    )
  const kept = sets.find((ticks) => ticks.length <= MOST_TICKS && isLoose(ticks)) ?? sets[2]
  const stride = Math.ceil(kept.length / MOST_TICKS)
  scale.ticks = kept.filter((_, i) => i % stride === 0)
}

/** Round numbers as they are: 0.2, 15; large and small powers of ten as such: 10⁶. */
function tickText(value: number): string {
  const rounded = Number(value.toPrecision(6))
  const size = Math.abs(rounded)
  const exponent = Math.log10(size)
  if (Number.isInteger(exponent) && Math.abs(exponent) > 3)
    return `${rounded < 0 ? '−' : ''}10${superscript(exponent)}`
  return size !== 0 && (size >= 1e5 || size < 1e-3)
    ? formatNumber(rounded)
    : String(rounded).replace('-', '−')
}

export type LineChart = Chart<'line', LinePoint[]>
const BAND = 'band of '

/** Brings a living chart up to the model. */
export function refreshLines(chart: LineChart, model: LineChartModel): void {
  exchangeLines(chart, lineDatasets(model))
  const { x, y } = chart.options.scales as Record<
    'x' | 'y',
    { min?: number; max?: number; title: { display: boolean; text: string } }
  >
  Object.assign(x, model.x)
  Object.assign(y, model.y)
  if (!model.hidesX) Object.assign(x.title, titleOf(model.xLabel))
  Object.assign(y.title, titleOf(model.yLabel))
  chart.update('none')
}

function lineDatasets({ series }: LineChartModel): ChartDataset<'line', LinePoint[]>[] {
  const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0 }
  const bands = series.flatMap(({ id, points, appearance, bars, thin }) => {
    if (bars || thin || !points.some(({ low }) => low !== undefined)) return []
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
  const lines = series.map(({ label, points, appearance, dashed, thin, pointsOnly }) => ({
    label,
    data: [...points],
    borderColor: appearance.colour,
    borderWidth: pointsOnly ? 0 : thin ? 1 : dashed ? 1.2 : appearance.width,
    borderDash: dashed ? [5, 4] : [],
    fill: false,
  }))
  return [...bands, ...lines]
}

/** Series are told apart by markers too, not by colour alone. */
function drawMarkers(chart: LineChart, { series, palette }: LineChartModel): void {
  const { x, y } = chart.scales
  series.forEach(({ points, appearance, dashed, thin, bars }, i) => {
    if (bars) drawBars(chart, points, appearance.colour)
    if (dashed || thin) return
    const isDense = points.length > MOST_MARKERS
    const stride = isDense ? Math.ceil((points.length * MARKER_ROOM) / Math.max(1, x.width)) : 1
    for (let at = isDense ? Math.floor((i * stride) / series.length) : 0; at < points.length; at += stride) {
      const point = points[at]
      if (!Number.isFinite(point.y) || point.x < x.min || point.x > x.max) continue
      drawMarker(chart.ctx, appearance, x.getPixelForValue(point.x), y.getPixelForValue(point.y), palette)
    }
  })
}

const CAP = 3

/** A bar from low to high through each point. */
function drawBars({ ctx, scales: { x, y } }: LineChart, points: readonly LinePoint[], colour: string): void {
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.2
  for (const { x: place, low, high } of points) {
    if (low === undefined || high === undefined) continue
    const [at, bottom, top] = [x.getPixelForValue(place), y.getPixelForValue(low), y.getPixelForValue(high)]
    if (![at, bottom, top].every(Number.isFinite)) continue
    ctx.beginPath()
    ctx.moveTo(at, bottom)
    ctx.lineTo(at, top)
    for (const end of [bottom, top]) {
      ctx.moveTo(at - CAP, end)
      ctx.lineTo(at + CAP, end)
    }
    ctx.stroke()
  }
}

/** Values that differ by more, all positive, are drawn by their logarithm unless someone says otherwise. */
const WIDE = 100

export function isWide(series: readonly LineSeries[]): boolean {
  const values = series.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite)
  const least = Math.min(...values)
  return least > 0 && Math.max(...values) > WIDE * least
}

/** Of a logarithmic axis: a little beyond the smallest and the largest positive value. */
export function logRangeOf(series: readonly LineSeries[]): { min: number; max: number } {
  const values = series
    .flatMap(({ points }) => points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]))
    .filter((value) => Number.isFinite(value) && value > 0)
  if (!values.length) return { min: 0.1, max: 10 }
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const room = least === most ? 2 : (most / least) ** 0.05
  return { min: least / room, max: most * room }
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
