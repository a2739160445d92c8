import type { Chart } from 'chart.js'
import { EDGE_MARKS } from './axis'
import type { EdgeRun, Plotted, Point } from './curves'
import { drawEndLabels } from './end-labels'
import { drawMarker, haloText } from './marks'
import type { Palette } from './palette'
import type { SignalChartModel } from './signal-chart-model'

type LineChart = Chart<'line', Point[]>

/**
 * What Chart.js does not draw: markers, marks for values without a place, the crosshair and the names at the lines'
 * ends.
 */
export function drawOverlay(chart: LineChart, model: SignalChartModel): void {
  const { ctx } = chart
  const shown = model.plotted.filter(({ curve }) => !curve.hidden)
  ctx.save()
  drawStages(chart, model)
  drawCrosshair(chart, model)
  clipToArea(chart)
  const marked = shown.filter(({ curve }) => !curve.thin)
  marked.forEach((one, i) => drawMarkers(chart, one, i, marked.length, model.palette))
  drawSelection(chart, model)
  ctx.restore()
  ctx.save()
  drawEdges(chart, shown, model)
  if (model.valueLabel === undefined) drawEndLabels(chart, shown, model)
  ctx.restore()
}

/** The selection's ring fits at the first and the last block. */
const CLIP_AIR = 9

function clipToArea({ ctx, chartArea: { left, top, width, height } }: LineChart) {
  ctx.beginPath()
  ctx.rect(left - CLIP_AIR, top - CLIP_AIR, width + 2 * CLIP_AIR, height + 2 * CLIP_AIR)
  ctx.clip()
}

// ---- Markers --------------------------------------------------------------------------------------------

const MARKER_SPACING = 30

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

// ---- Selection ------------------------------------------------------------------------------------------

function drawCrosshair({ ctx, scales, chartArea }: LineChart, { selected, palette }: SignalChartModel) {
  if (!selected || selected.block < scales.x.min || selected.block > scales.x.max) return
  const x = Math.round(scales.x.getPixelForValue(selected.block)) + 0.5
  ctx.beginPath()
  ctx.moveTo(x, chartArea.top)
  ctx.lineTo(x, chartArea.bottom)
  ctx.lineWidth = 1
  ctx.strokeStyle = palette.muted
  ctx.stroke()
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

/** Between the last block of a stage and the first of the next; named once, in the forward chart. */
function drawStages({ ctx, scales, chartArea }: LineChart, model: SignalChartModel) {
  ctx.font = model.palette.type.font('tiny')
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  for (const { block, text } of model.stages ?? []) {
    if (block < scales.x.min || block + 0.5 > scales.x.max) continue
    const x = Math.round(scales.x.getPixelForValue(block ? block + 0.5 : 0)) + 0.5
    ctx.strokeStyle = model.palette.axis
    ctx.lineWidth = 1
    ctx.beginPath()
    ctx.moveTo(x, chartArea.top)
    ctx.lineTo(x, chartArea.bottom)
    if (block) ctx.stroke()
    ctx.fillStyle = model.palette.muted
    if (!model.reversed) ctx.fillText(text, x + 4, chartArea.top + 2)
  }
}

// ---- Values without a place -----------------------------------------------------------------------------

const EDGE_ROW = 13
const EDGE_SPACING = 16

/**
 * Each series has its own row of glyphs along the edge, with words where the row begins: on the side the signal comes
 * from.
 */
function drawEdges(chart: LineChart, shown: readonly Plotted[], model: SignalChartModel) {
  const { scales, chartArea } = chart
  const rows = { high: 0, low: 0 }
  for (const one of shown) {
    const visible = one.edges.filter((run) => run.to >= scales.x.min && run.from <= scales.x.max)
    for (const end of ['high', 'low'] as const) {
      const runs = visible.filter((run) => EDGE_MARKS[run.edge].high === (end === 'high'))
      if (!runs.length) continue
      const inset = 8 + EDGE_ROW * rows[end]++
      const isAtTop = (end === 'high') !== model.reversed
      drawEdgeRow(chart, one, runs, isAtTop ? chartArea.top + inset : chartArea.bottom - inset, model)
    }
  }
}

function drawEdgeRow(
  chart: LineChart,
  { curve }: Plotted,
  runs: EdgeRun[],
  y: number,
  model: SignalChartModel,
) {
  const { ctx, scales, chartArea } = chart
  const from = (run: EdgeRun) => scales.x.getPixelForValue(Math.max(run.from, scales.x.min))
  const to = (run: EdgeRun) => scales.x.getPixelForValue(Math.min(run.to, scales.x.max))
  ctx.font = model.palette.type.font('small')
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'center'
  ctx.fillStyle = curve.appearance.colour
  let next = -Infinity
  for (const run of runs) {
    const { glyph } = EDGE_MARKS[run.edge]
    for (let x = Math.max(from(run), next); x <= to(run) + 0.5; x += EDGE_SPACING) {
      ctx.fillText(model.reversed ? UPSIDE_DOWN[glyph] : glyph, x, y)
      next = x + EDGE_SPACING
    }
  }
  const text = edgeWords(runs, model.reversed)
  ctx.fillStyle = model.palette.alarm
  if (model.reversed) {
    ctx.textAlign = 'left'
    const x = Math.max(...runs.map(to)) + 10
    const whole = `${text} down (${curve.label})`
    // A row that fills the chart leaves only the margin: there is room for what and who.
    const short = `${EDGE_MARKS[runs[runs.length - 1].edge].words} (${curve.label})`
    const fitting = x + ctx.measureText(whole).width < chart.width ? whole : short
    const most = chart.width - ctx.measureText(fitting).width - 4
    haloText(ctx, fitting, Math.min(x, most), y, model.palette)
  } else {
    ctx.textAlign = 'right'
    const whole = `${text} (${curve.label})`
    const least = chartArea.left + ctx.measureText(whole).width + 4
    haloText(ctx, whole, Math.max(least, Math.min(...runs.map(from)) - 9), y, model.palette)
  }
}

/** "∞ from block 125, NaN from 248": where each kind occurs first on the signal's way. */
function edgeWords(runs: readonly EdgeRun[], reversed: boolean): string {
  const ordered = reversed ? [...runs].reverse() : runs
  const firsts = ordered.filter((run, i) => ordered.findIndex((other) => other.edge === run.edge) === i)
  const words = firsts.map((run, i) => {
    const isSingle = run.from === run.to && runs.every((other) => other === run || other.edge !== run.edge)
    const block = `${i === 0 ? 'block ' : ''}${reversed ? run.to : run.from}`
    return `${EDGE_MARKS[run.edge].words} ${isSingle ? 'at' : 'from'} ${block}`
  })
  return words.join(', ')
}

/** Glyphs point to where values are large, which is down in the backward chart. */
const UPSIDE_DOWN: Record<string, string> = { '▲': '▼', '▼': '▲', '▽': '△', '×': '×' }
