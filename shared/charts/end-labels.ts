import type { Chart } from 'chart.js'
import { coincident, type Plotted, type Point } from './curves'
import { covered, placed, spread, type Interval, type Label } from './label-places'
import { haloText } from './marks'
import type { SignalChartModel } from './signal-chart-model'

type LineChart = Chart<'line', Point[]>

const ROW = 14
const LONGEST = 132
/** Of the stroke in the line's colour, and from its beginning to the name. */
const STROKE = 6
const NAME_AT = 10
/** Pixels within which two lines lie on each other. */
const COINCIDE = 2.5
/** Pixels from where a name wants to be: farther off it would seem to be another line's. */
const FARTHEST = 2.5 * ROW
/** Pixels that a line and its markers take on each side of its middle. */
const HALF_LINE = 4

interface NamedLabel extends Label {
  group: readonly Plotted[]
  texts: readonly string[]
  /** Of its line, in pixels from the top. */
  end: number
}

/**
 * The name of each line where its signal ends up: right of the forward chart, at the input in the backward chart, in
 * the plot where no line is. Lines that lie on each other share a place: "a" and below it "= b".
 */
export function drawEndLabels(
  chart: LineChart,
  shown: readonly Plotted[],
  { palette, reversed }: SignalChartModel,
): void {
  const { ctx, scales, chartArea } = chart
  ctx.font = palette.type.font('small')
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  const perPixel = Math.abs(scales.y.max - scales.y.min) / Math.max(1, chartArea.height)
  // A row of marks at the input bears its series' name already.
  const named = reversed ? shown.filter(({ line }) => !Number.isNaN(line[Math.ceil(scales.x.min)]?.y)) : shown
  const labels = coincident(named, COINCIDE * perPixel).flatMap((group): NamedLabel[] => {
    const end = reversed
      ? firstVisible(group[0].line, scales.x.min)
      : lastVisible(group[0].line, scales.x.max)
    if (!end) return []
    const texts = group.map(({ curve }, i) =>
      fitted(ctx, i === 0 ? curve.label : `= ${curve.label}`, LONGEST),
    )
    // Inside the plot a name stands below its line.
    const pixel = scales.y.getPixelForValue(end.y)
    const top = pixel + (reversed ? ROW / 2 : -ROW / 2)
    return [{ group, texts, end: pixel, top, height: group.length * ROW }]
  })
  labels.sort((a, b) => a.top - b.top)
  const x = reversed ? chartArea.left + 8 : chartArea.right + 6
  // Below the forward chart stand the blocks' numbers.
  const inside = { from: chartArea.top - 3, to: reversed ? chart.height : chartArea.bottom + 3 }
  if (!reversed) spread(labels, inside)
  const drawn = ({ end, texts }: NamedLabel) => {
    const width = NAME_AT + Math.max(...texts.map((text) => ctx.measureText(text).width))
    return linesBetween(chart, shown, x - 2, x + width + 2, end)
  }
  for (const { group, texts, top } of reversed ? placedInPlot(labels, drawn, inside) : labels) {
    texts.forEach((text, i) => {
      const y = top + (i + 0.5) * ROW
      ctx.fillStyle = group[i].curve.appearance.colour
      ctx.fillRect(x, y - 1, STROKE, 2)
      ctx.fillStyle = palette.ink
      if (reversed) haloText(ctx, text, x + NAME_AT, y, palette)
      else ctx.fillText(text, x + NAME_AT, y)
    })
  }
}

/** Names that find no place below each other are tried behind each other; what then has none is in the legend only. */
function placedInPlot(
  labels: readonly NamedLabel[],
  drawn: (label: NamedLabel) => readonly Interval[],
  inside: Interval,
): NamedLabel[] {
  const done = placed(labels, drawn, inside, FARTHEST)
  const taken = done.map(({ top, height }) => ({ from: top, to: top + height }))
  const left = labels.filter((label) => !done.includes(label) && label.texts.length > 1)
  const rows = left.map((label) => ({ ...label, texts: [label.texts.join(' ')], height: ROW }))
  return [...done, ...placed(rows, (row) => [...drawn(row), ...taken], inside, FARTHEST)]
}

/**
 * Where a name would lie on lines between two places, both in pixels from the left, or seem to be another line's:
 * beyond one that is well apart from its own.
 * @param end of its own line, in pixels from the top
 */
function linesBetween(
  { scales: { x, y } }: LineChart,
  shown: readonly Plotted[],
  left: number,
  right: number,
  end: number,
): Interval[] {
  const [from, to] = [x.getValueForPixel(left)!, x.getValueForPixel(right)!]
  return shown.flatMap(({ line }) => {
    const values = covered(line, from, to)
    if (!values) return []
    const pixels = [y.getPixelForValue(values.from), y.getPixelForValue(values.to)]
    const [top, bottom] = [Math.min(...pixels) - HALF_LINE, Math.max(...pixels) + HALF_LINE]
    const start = y.getPixelForValue(firstVisible(line, x.min)!.y)
    return [{ from: start < end - ROW ? -Infinity : top, to: start > end + ROW ? Infinity : bottom }]
  })
}

function lastVisible(line: readonly Point[], max: number): Point | null {
  for (let k = Math.min(line.length - 1, Math.floor(max)); k >= 0; k--)
    if (!Number.isNaN(line[k].y)) return line[k]
  return null
}

function firstVisible(line: readonly Point[], min: number): Point | null {
  return line.find((point) => point.x >= min && !Number.isNaN(point.y)) ?? null
}

function fitted(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text
  let end = text.length
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > width) end--
  return `${text.slice(0, end)}…`
}
