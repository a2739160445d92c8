import { Chart, type ChartConfiguration } from 'chart.js'
import type { Appearance } from '../../shared/charts/appearance'
import { drawMarker } from '../../shared/charts/marks'
import { lineChartConfig, type LineChartModel } from '../../shared/charts/line-chart'
import { drawMaps, type MapModel } from '../../shared/charts/map-chart'
import type { Palette } from '../../shared/charts/palette'
import { chartConfig, refresh, type SignalChart } from '../../shared/charts/signal-chart'
import type { SignalChartModel } from '../../shared/charts/signal-chart-model'
import { canvasFont } from './type'

export interface Figure {
  title: string
  /** Definition, n, what solid and dashed mean. */
  subtitle: string
  finding: string
  legend: readonly { label: string; appearance: Appearance }[]
  palette: Palette
  /** The chart alone, drawn at this size in CSS pixels and this many device pixels for each. */
  image: (width: number, height: number, scale: number) => HTMLCanvasElement
}

const WIDTH = 1000
const CHART_HEIGHT = 460
const MARGIN = 24
const LINE = 18
const SCALE = 2

/** The chart with its title, legend, n and finding on a background, as base64 of a PNG. */
export function figurePng(figure: Figure): string {
  const { palette } = figure
  const canvas = document.createElement('canvas')
  const ctx = canvas.getContext('2d')!
  ctx.font = canvasFont('body')
  const textWidth = WIDTH - 2 * MARGIN
  const subtitle = wrap(ctx, figure.subtitle, textWidth)
  const finding = wrap(ctx, figure.finding, textWidth)
  const chartTop = MARGIN + 26 + LINE * subtitle.length + 34
  const height = chartTop + CHART_HEIGHT + 20 + LINE * finding.length + MARGIN
  canvas.width = SCALE * WIDTH
  canvas.height = SCALE * height
  ctx.scale(SCALE, SCALE)
  ctx.fillStyle = palette.surface
  ctx.fillRect(0, 0, WIDTH, height)
  ctx.textBaseline = 'top'

  ctx.fillStyle = palette.ink
  ctx.font = canvasFont('large', 'strong')
  ctx.fillText(figure.title, MARGIN, MARGIN)
  ctx.font = canvasFont('body')
  ctx.fillStyle = palette.muted
  subtitle.forEach((text, i) => ctx.fillText(text, MARGIN, MARGIN + 26 + LINE * i))
  drawLegend(ctx, figure, MARGIN + 26 + LINE * subtitle.length + 16)
  ctx.drawImage(figure.image(textWidth, CHART_HEIGHT, SCALE), MARGIN, chartTop, textWidth, CHART_HEIGHT)
  ctx.fillStyle = palette.ink
  finding.forEach((text, i) => ctx.fillText(text, MARGIN, chartTop + CHART_HEIGHT + 20 + LINE * i))
  return canvas.toDataURL('image/png').split(',')[1]
}

/**
 * A chart of Chart.js drawn once, off the screen; `image` of a figure.
 * @param draw brings what the configuration leaves out
 */
export function chartImage<C extends ChartConfiguration>(
  config: C,
  [width, height, scale]: [number, number, number],
  draw: (chart: Chart) => void = () => {},
): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  Object.assign(config.options!, { responsive: false, devicePixelRatio: scale })
  const chart = new Chart(canvas, config)
  draw(chart)
  const image = document.createElement('canvas')
  image.width = canvas.width
  image.height = canvas.height
  image.getContext('2d')!.drawImage(canvas, 0, 0)
  chart.destroy()
  return image
}

export function signalChartImage(
  model: SignalChartModel,
  ...size: [number, number, number]
): HTMLCanvasElement {
  const still = { ...model, selected: null, showDepthLabels: true }
  return chartImage(chartConfig(() => still) as ChartConfiguration, size, (chart) =>
    refresh(chart as unknown as SignalChart, still),
  )
}

export function lineChartImage(model: LineChartModel, ...size: [number, number, number]): HTMLCanvasElement {
  return chartImage(lineChartConfig(() => model) as ChartConfiguration, size)
}

/** Maps side by side over the scale of each, for a file. */
export function mapsImage(
  maps: readonly MapModel[],
  [width, height, pixels]: [number, number, number],
): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = width * pixels
  canvas.height = height * pixels
  const ctx = canvas.getContext('2d')!
  ctx.scale(pixels, pixels)
  drawMaps(ctx, maps, { x: 0, y: 0, width, height })
  return canvas
}

function drawLegend(ctx: CanvasRenderingContext2D, { legend, palette }: Figure, y: number) {
  let x = MARGIN
  ctx.textBaseline = 'middle'
  for (const { label, appearance } of legend) {
    ctx.fillStyle = appearance.colour
    ctx.fillRect(x, y - 1, 24, 2)
    drawMarker(ctx, appearance, x + 12, y, palette)
    ctx.fillStyle = palette.ink
    ctx.fillText(label, x + 30, y)
    x += 30 + ctx.measureText(label).width + 20
  }
  ctx.textBaseline = 'top'
}

function wrap(ctx: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    const longer = last >= 0 ? `${lines[last]} ${word}` : word
    if (last >= 0 && ctx.measureText(longer).width <= width) lines[last] = longer
    else lines.push(word)
  }
  return lines
}
