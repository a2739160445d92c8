import type { Chart } from 'chart.js'
import { EDGE_MARKS } from './axis'
import { coincident, type Plotted, type Point } from './curves'
import { FONT, type Palette } from './palette'
import type { SignalChartModel } from './signal-chart'

type LineChart = Chart<'line', Point[]>

/** What Chart.js does not draw: markers, marks for values without a place, the crosshair and the names at the lines' ends. */
export function drawOverlay(chart: LineChart, model: SignalChartModel): void {
  const { ctx } = chart
  const shown = model.plotted.filter(({ curve }) => !curve.hidden)
  ctx.save()
  drawCrosshair(chart, model)
  clipToArea(chart)
  shown.forEach((one, i) => drawMarkers(chart, one, i, shown.length, model.palette))
  drawSelection(chart, model)
  ctx.restore()
  ctx.save()
  drawEdges(chart, shown, model)
  drawEndLabels(chart, shown, model.palette)
  ctx.restore()
}

function clipToArea({ ctx, chartArea: { left, top, width, height } }: LineChart) {
  ctx.beginPath()
  ctx.rect(left - 6, top - 6, width + 12, height + 12)
  ctx.clip()
}

// ---- Markers ------------------------------------------------------------------------------------------------------------------------

const MARKER_SPACING = 30
const paths = new Map<string, Path2D>()

function pathOf(marker: string): Path2D {
  let path = paths.get(marker)
  if (!path) paths.set(marker, (path = new Path2D(marker)))
  return path
}

/** Every few blocks, at other blocks for each series: so lines that lie on each other still show all their markers. */
function drawMarkers(
  chart: LineChart,
  { curve, line }: Plotted,
  index: number,
  count: number,
  palette: Palette,
) {
  const { x, y } = chart.scales
  const perBlock = Math.abs(x.getPixelForValue(1) - x.getPixelForValue(0))
  const stride = Math.max(1, Math.ceil(MARKER_SPACING / perBlock))
  const offset = Math.floor((index * stride) / Math.max(1, count))
  const from = Math.max(0, Math.floor(x.min))
  for (let k = from - (from % stride) + offset; k < line.length && k <= x.max; k += stride) {
    const place = line[k]?.y
    if (place === undefined || Number.isNaN(place)) continue
    drawMarker(chart.ctx, curve.appearance, x.getPixelForValue(k), y.getPixelForValue(place), palette)
  }
}

function drawMarker(
  ctx: CanvasRenderingContext2D,
  { marker, colour, filling }: Plotted['curve']['appearance'],
  x: number,
  y: number,
  palette: Palette,
) {
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(0.85, 0.85)
  const path = pathOf(marker)
  ctx.fillStyle = filling === 'full' ? colour : palette.surface
  ctx.strokeStyle = filling === 'full' ? palette.surface : colour
  ctx.lineWidth = filling === 'full' ? 1 : 1.8
  ctx.fill(path)
  ctx.stroke(path)
  ctx.fillStyle = colour
  if (filling === 'dot') {
    ctx.beginPath()
    ctx.arc(0, 0, 1.5, 0, 2 * Math.PI)
    ctx.fill()
  } else if (filling === 'bar') {
    ctx.fillRect(-3.4, -0.8, 6.8, 1.6)
  }
  ctx.restore()
}

// ---- Selection ----------------------------------------------------------------------------------------------------------------------

function drawCrosshair({ ctx, scales, chartArea }: LineChart, model: SignalChartModel) {
  const vertical = (block: number, colour: string, dash: number[]) => {
    if (block < scales.x.min || block > scales.x.max) return
    const x = Math.round(scales.x.getPixelForValue(block)) + 0.5
    ctx.beginPath()
    ctx.moveTo(x, chartArea.top)
    ctx.lineTo(x, chartArea.bottom)
    ctx.setLineDash(dash)
    ctx.lineWidth = 1
    ctx.strokeStyle = colour
    ctx.stroke()
    ctx.setLineDash([])
  }
  if (model.hovered !== null) vertical(model.hovered, model.palette.axis, [2, 3])
  if (model.selected) vertical(model.selected.block, model.palette.muted, [])
}

/** A ring around the selected series at the selected block: selection is an outline, not only a hue. */
function drawSelection({ ctx, scales }: LineChart, model: SignalChartModel) {
  if (!model.selected) return
  const one = model.plotted.find(({ curve }) => curve.id === model.selected?.series)
  const place = one && !one.curve.hidden ? one.line[model.selected.block]?.y : NaN
  if (place === undefined || Number.isNaN(place)) return
  ctx.beginPath()
  ctx.arc(
    scales.x.getPixelForValue(model.selected.block),
    scales.y.getPixelForValue(place),
    7.5,
    0,
    2 * Math.PI,
  )
  ctx.lineWidth = 1.5
  ctx.strokeStyle = model.palette.ink
  ctx.stroke()
}

// ---- Values without a place -----------------------------------------------------------------------------------------------------------

const EDGE_ROW = 13
const EDGE_SPACING = 16

/** Each series has its own row of glyphs along the edge, with words at the first of each kind. */
function drawEdges(
  { ctx, scales, chartArea }: LineChart,
  shown: readonly Plotted[],
  model: SignalChartModel,
) {
  const rows = { high: 0, low: 0 }
  ctx.font = `11px ${FONT}`
  ctx.textBaseline = 'middle'
  for (const { curve, edges } of shown) {
    const visible = edges.filter((run) => run.to >= scales.x.min && run.from <= scales.x.max)
    for (const end of ['high', 'low'] as const) {
      const runs = visible.filter((run) => EDGE_MARKS[run.edge].high === (end === 'high'))
      if (!runs.length) continue
      const inset = 8 + EDGE_ROW * rows[end]++
      const atTop = (end === 'high') !== model.reversed
      const y = atTop ? chartArea.top + inset : chartArea.bottom - inset
      for (const run of runs) {
        const { glyph, words } = EDGE_MARKS[run.edge]
        const from = scales.x.getPixelForValue(Math.max(run.from, scales.x.min))
        const to = scales.x.getPixelForValue(Math.min(run.to, scales.x.max))
        const label =
          run.from === run.to ? `${words} at block ${run.from}` : `${words} from block ${run.from}`
        const width = ctx.measureText(label).width
        ctx.textAlign = 'center'
        ctx.fillStyle = curve.appearance.colour
        for (let x = from; x <= to + 0.5; x += EDGE_SPACING) ctx.fillText(glyph, x, y)
        // The words stand before the first glyph, or after it where there is no room.
        const before = from - 10 - width > chartArea.left
        ctx.textAlign = before ? 'right' : 'left'
        ctx.fillStyle = model.palette.alarm
        if (before || to - from < EDGE_SPACING) ctx.fillText(label, before ? from - 9 : from + 9, y)
      }
    }
  }
}

// ---- Names --------------------------------------------------------------------------------------------------------------------------

const LABEL_HEIGHT = 14
/** Pixels within which two lines lie on each other. */
const COINCIDE = 2.5

/** The name of each line at its end; lines that lie on each other share one. */
function drawEndLabels(chart: LineChart, shown: readonly Plotted[], palette: Palette) {
  const { ctx, scales, chartArea } = chart
  const perPixel = Math.abs(scales.y.max - scales.y.min) / Math.max(1, chartArea.height)
  const labels = coincident(shown, COINCIDE * perPixel).flatMap((group) => {
    const end = lastVisible(group[0].line, scales.x.max)
    if (!end) return []
    const y = Math.min(chartArea.bottom, Math.max(chartArea.top, scales.y.getPixelForValue(end.y)))
    return [{ names: group.map(({ curve }) => curve), y }]
  })
  labels.sort((a, b) => a.y - b.y)
  spread(labels, chartArea.top, chartArea.bottom)
  ctx.font = `11px ${FONT}`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  for (const { names, y } of labels) {
    ctx.fillStyle = names[0].appearance.colour
    ctx.fillRect(chartArea.right + 6, y - 1, 6, 2)
    ctx.fillStyle = palette.ink
    const room = chart.width - chartArea.right - 18
    ctx.fillText(fitted(ctx, names.map((curve) => curve.label).join(' = '), room), chartArea.right + 16, y)
  }
}

function lastVisible(line: readonly Point[], max: number): Point | null {
  for (let k = Math.min(line.length - 1, Math.floor(max)); k >= 0; k--)
    if (!Number.isNaN(line[k].y)) return line[k]
  return null
}

/** Pushes labels apart until none covers another, then back inside. */
function spread(labels: { y: number }[], top: number, bottom: number) {
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + LABEL_HEIGHT)
  const last = labels.length - 1
  if (last >= 0) labels[last].y = Math.min(labels[last].y, bottom)
  for (let i = last - 1; i >= 0; i--) labels[i].y = Math.min(labels[i].y, labels[i + 1].y - LABEL_HEIGHT)
  if (last >= 0 && labels[0].y < top)
    labels.forEach((label, i) => (label.y = Math.max(label.y, top + i * LABEL_HEIGHT)))
}

function fitted(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text
  let end = text.length
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > width) end--
  return `${text.slice(0, end)}…`
}
