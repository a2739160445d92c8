import {
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  type ChartConfiguration,
  type ChartDataset,
  type Scale as ChartScale,
} from 'chart.js'
import { depthTicks, ticks, type Tick } from './axis'
import type { Plotted, Point } from './curves'
import { exchangeLines } from './exchange'
import { drawOverlay } from './overlay'
import { mix, transparent } from './palette'
import type { SignalChartModel } from './signal-chart-model'

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler)

export type SignalChart = Chart<'line', Point[]>
type Config = ChartConfiguration<'line', Point[]>
type DataSet = ChartDataset<'line', Point[]>

/**
 * Room for the names at the lines' ends, and for the value axis: the same in both charts, so that their depth axes line
 * up.
 */
const LABEL_ROOM = 148
const AXIS_ROOM = 58
/** Half of the last block's number stands beyond the plot. */
const FIGURE_ROOM = 10

/** @param model read anew at each draw */
export function chartConfig(model: () => SignalChartModel): Config {
  let labels = new Map<number, string>()
  const setTicks = (scale: ChartScale, found: Tick[]) => {
    labels = new Map([...labels, ...found.map((tick) => [tick.value, tick.label] as const)])
    scale.ticks = found.map(({ value }) => ({ value }))
  }
  const { palette, depthLabel, showDepthLabels, reversed, valueLabel } = model()
  const text = {
    color: palette.muted,
    font: { family: palette.type.typeface, size: palette.type.size('small') },
  }
  return {
    type: 'line',
    data: { datasets: datasets(model()) },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      // Pointer and keys are handled by the component, for both charts together.
      events: [],
      layout: {
        padding: {
          top: reversed ? 0 : 8,
          bottom: reversed ? 8 : 0,
          right: valueLabel === undefined ? LABEL_ROOM : FIGURE_ROOM,
        },
      },
      elements: { point: { radius: 0 }, line: { tension: 0 } },
      scales: {
        x: {
          type: 'linear',
          position: reversed ? 'top' : 'bottom',
          grid: { color: palette.grid, tickLength: 0 },
          border: { color: palette.axis },
          title: { display: showDepthLabels, text: depthLabel, ...text, padding: 0 },
          ticks: {
            ...text,
            display: showDepthLabels,
            maxRotation: 0,
            autoSkip: false,
            padding: 6,
            callback: (value) => labels.get(Number(value)) ?? '',
          },
          afterBuildTicks: (scale) =>
            setTicks(scale, depthTicks(model().depth, Math.max(2, scale.width / 48))),
        },
        y: {
          type: 'linear',
          reverse: reversed,
          grid: { color: palette.grid, tickLength: 0 },
          border: { display: false },
          ticks: {
            ...text,
            autoSkip: false,
            padding: 8,
            callback: (value) => labels.get(Number(value)) ?? '',
          },
          title: { display: valueLabel !== undefined, text: valueLabel, ...text, padding: 0 },
          afterFit: (scale) => valueLabel === undefined && (scale.width = AXIS_ROOM),
          afterBuildTicks: (scale) =>
            setTicks(scale, ticks(model().range, model().axis, Math.max(2, scale.chart.height / 44))),
        },
      },
    },
    plugins: [{ id: 'overlay', afterDatasetsDraw: (chart) => drawOverlay(chart as SignalChart, model()) }],
  }
}

/** Brings a living chart up to the model: data are exchanged, what is the same stays. */
export function refresh(chart: SignalChart, model: SignalChartModel): void {
  exchangeLines(chart, datasets(model))
  const { x, y } = chart.options.scales as Record<'x' | 'y', { min?: number; max?: number }>
  Object.assign(x, model.depth)
  Object.assign(y, model.range)
  chart.update('none')
}

/** Whether two models differ in nothing but what the overlay draws. */
export function sameLayout(a: SignalChartModel, b: SignalChartModel): boolean {
  const parts = ['plotted', 'range', 'depth', 'bands', 'theory', 'palette'] as const
  return parts.every((part) => a[part] === b[part]) && a.selected?.series === b.selected?.series
}

/** Per series: the band's two edges, the measurement, theory. Bands lie below all lines. */
function datasets(model: SignalChartModel): DataSet[] {
  const shown = model.plotted.filter(({ curve }) => !curve.hidden)
  const bands = model.bands ? shown.flatMap((one) => (one.curve.thin ? [] : band(one))) : []
  const lines = shown.flatMap((one) => {
    const isSelected = model.selected?.series === one.curve.id
    const hasTheory = model.theory && !one.curve.thin
    return [line(one, isSelected), ...(hasTheory ? theoryLines(one, model) : [])]
  })
  return [...bands, ...lines]
}

function band({ curve, low, high }: Plotted): DataSet[] {
  const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0 }
  return [
    { label: `${curve.id} low`, data: low, ...edge, fill: false },
    {
      label: `${curve.id} high`,
      data: high,
      ...edge,
      fill: '-1',
      backgroundColor: transparent(curve.appearance.colour, 0.13),
    },
  ]
}

function line({ curve, line: data }: Plotted, isSelected: boolean): DataSet {
  const { colour, width } = curve.appearance
  return {
    label: curve.id,
    data,
    borderColor: colour,
    borderWidth: isSelected ? width + 0.8 : width,
    fill: false,
  }
}

/** Dashes lie on the line they explain, in a tint that shows on it; dots are where single networks end. */
function theoryLines(
  { curve, theory, theoryBand }: Plotted,
  { palette, bands }: SignalChartModel,
): DataSet[] {
  const borderColor = mix(curve.appearance.colour, palette.ink, 0.55)
  const dashed = (label: string, data: Point[], borderDash: number[]): DataSet => ({
    ...{ label: `${curve.id} ${label}`, data, borderColor, borderWidth: 1.1, borderDash, fill: false },
  })
  const edges = bands ? theoryBand.map((edge, i) => dashed(`theory of one network ${i}`, edge, [1, 4])) : []
  return [dashed('theory', theory, [5, 4]), ...edges]
}
