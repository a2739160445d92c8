import { ticks } from './axis'
import { mix, type Palette } from './palette'
import { line, polyline } from './stroke'

/** One bar, with what stands beside it. */
export interface Bar {
  label: string
  /** Null: nothing was measured. */
  value: number | null
  /** Edges of the band. */
  low?: number | null
  high?: number | null
  /** Dashed. */
  theory?: number | null
  /** A tick across the bar, for comparison. */
  before?: number | null
}

/** Values from zero up, a bar each. */
export interface BarChartModel {
  bars: readonly Bar[]
  xLabel: string
  yLabel: string
  colour: string
}

const LEFT = 46
const RIGHT = 6
const TOP = 6
const BOTTOM = 30
const WIDEST = 60
const TICK_SPACING = 34

/** Bars over their labels, as many of which stand there as there is room for. */
export function drawBarChart(
  ctx: CanvasRenderingContext2D,
  size: { width: number; height: number },
  model: BarChartModel,
  palette: Palette,
): void {
  const plot = { x: LEFT, y: TOP, width: size.width - LEFT - RIGHT, height: size.height - TOP - BOTTOM }
  const { bars, colour } = model
  const finite = bars
    .flatMap(({ value, high, theory, before }) => [value, high, theory, before])
    .filter((one): one is number => typeof one === 'number' && Number.isFinite(one))
  const top = Math.max(0, ...finite) * 1.06 || 1
  const step = plot.width / bars.length
  const middle = (i: number) => plot.x + (i + 0.5) * step
  const y = (value: number) => plot.y + plot.height * (1 - Math.min(Math.max(value, 0), top) / top)
  ctx.save()
  drawAxes(ctx, plot, { ...model, top, y }, palette)
  drawLabels(ctx, { bars, middle, step, y: plot.y + plot.height + 4 }, palette)
  const width = Math.min(WIDEST, 0.76 * step)
  bars.forEach(({ value, low, high }, i) => {
    if (value === null || !Number.isFinite(value)) return
    const x = middle(i)
    ctx.fillStyle = colour
    ctx.fillRect(x - width / 2, y(value), width, plot.y + plot.height - y(value))
    if (low == null || high == null || !(high > low)) return
    ctx.strokeStyle = mix(colour, palette.ink, 0.6)
    ctx.lineWidth = 1
    line(ctx, [x, y(low)], [x, y(high)])
  })
  ctx.strokeStyle = palette.ink
  ctx.lineWidth = 1.2
  bars.forEach(({ before }, i) => {
    if (before != null && Number.isFinite(before))
      line(ctx, [middle(i) - 0.44 * step, y(before)], [middle(i) + 0.44 * step, y(before)])
  })
  ctx.setLineDash([4, 3])
  const theories = bars.map(({ theory }, i) => ({ x: i, y: theory ?? NaN }))
  polyline(ctx, theories, middle, y)
  ctx.restore()
}

interface Plot {
  x: number
  y: number
  width: number
  height: number
}

function drawAxes(
  ctx: CanvasRenderingContext2D,
  plot: Plot,
  { xLabel, yLabel, top, y }: BarChartModel & { top: number; y: (value: number) => number },
  palette: Palette,
): void {
  const end = plot.x + plot.width
  ctx.font = palette.type.font('tiny')
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'right'
  ctx.lineWidth = 1
  const most = Math.max(2, plot.height / TICK_SPACING)
  for (const { value, label } of ticks({ min: 0, max: top }, { kind: 'linear', signed: false }, most)) {
    ctx.strokeStyle = palette.grid
    line(ctx, [plot.x, y(value)], [end, y(value)])
    ctx.fillStyle = palette.muted
    ctx.fillText(label, plot.x - 5, y(value))
  }
  ctx.strokeStyle = palette.axis
  line(ctx, [plot.x, y(0)], [end, y(0)])
  ctx.fillStyle = palette.muted
  ctx.textAlign = 'center'
  ctx.font = palette.type.font('small')
  ctx.fillText(xLabel, plot.x + plot.width / 2, plot.y + plot.height + BOTTOM - 7)
  ctx.save()
  ctx.translate(8, plot.y + plot.height / 2)
  ctx.rotate(-Math.PI / 2)
  ctx.fillText(yLabel, 0, 0)
  ctx.restore()
}

function drawLabels(
  ctx: CanvasRenderingContext2D,
  {
    bars,
    middle,
    step,
    y,
  }: Pick<BarChartModel, 'bars'> & { middle: (i: number) => number; step: number; y: number },
  palette: Palette,
): void {
  ctx.font = palette.type.font('tiny')
  ctx.textBaseline = 'top'
  ctx.textAlign = 'center'
  ctx.fillStyle = palette.muted
  const widest = Math.max(...bars.map(({ label }) => ctx.measureText(label).width)) + 4
  const every = Math.max(1, Math.ceil(widest / step))
  // Of many numbers round ones are left.
  const stride = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((one) => one >= every) ?? every
  bars.forEach(({ label }, i) => {
    if (i % stride === 0) ctx.fillText(label, middle(i), y)
  })
}
