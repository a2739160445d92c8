/** The charts of docs/performance.md, drawn as the lab draws figures. */
import { SERIES_COLOURS, groupLook } from '../shared/charts/appearance'
import { logRangeOf, type LineSeries } from '../shared/charts/line-chart'
import type { Palette } from '../shared/charts/palette'
import { formatDuration } from '../shared/base/format'
import type { Figure, FigureContent } from '../shared/figures/figure'
import { svgOf } from '../shared/figures/files'
import { version } from '../package.json'

interface Phases {
  title: string
  /** What the times are of, and how many milliseconds each. */
  phases: Readonly<Record<string, number>>
}

const figureOf = (id: string, title: string, subtitle: string, content: FigureContent): Figure => ({
  ...{ id, title, subtitle, finding: '', content, facts: [], made: null, version, data: null },
})

const LABEL_WIDTH = 0.36
const TIME_WIDTH = 46

/** What the time of each question goes into, as shares of its whole. @param words of each phase, in their order */
export function phasesSvg(
  id: string,
  title: string,
  questions: readonly Phases[],
  words: Record<string, string>,
) {
  const names = Object.keys(words)
  const legend = names.map((name, i) => ({
    label: words[name],
    appearance: { ...groupLook(i), marker: '', width: 7 },
    ...{ dashed: false, marked: true },
  }))
  const subtitle = 'Shares of the time from the request to the reply; at the right the whole.'
  return svgOf(
    figureOf(id, title, subtitle, {
      kind: 'drawn',
      legend,
      ratio: 0.05 + 0.045 * questions.length,
      draw: (ctx, { width, height }, palette) =>
        questions.forEach((question, i) => {
          const row = height / questions.length
          drawBar(ctx, { x: 0, y: i * row, width, height: row }, question, names, palette)
        }),
    }),
    { size: 'page' },
  )
}

function drawBar(
  ctx: CanvasRenderingContext2D,
  box: { x: number; y: number; width: number; height: number },
  { title, phases }: Phases,
  names: readonly string[],
  palette: Palette,
): void {
  const whole = names.reduce((sum, name) => sum + phases[name], 0)
  const left = LABEL_WIDTH * box.width
  const room = box.width - left - TIME_WIDTH
  const middle = box.y + box.height / 2
  ctx.font = palette.type.font('small')
  ctx.textBaseline = 'middle'
  ctx.fillStyle = palette.ink
  ctx.fillText(title, box.x, middle)
  ctx.fillText(formatDuration(whole / 1000), box.x + left + room + 6, middle)
  let x = box.x + left
  names.forEach((name, i) => {
    const width = (room * phases[name]) / whole
    ctx.fillStyle = SERIES_COLOURS[i % SERIES_COLOURS.length]
    ctx.fillRect(x, box.y + 0.15 * box.height, width, 0.7 * box.height)
    x += width
  })
}

interface Grown {
  name: string
  points: readonly { value: number; seconds: number; bytes: number }[]
}

/** Time and memory against what grows, both by their logarithms. */
export function growthSvg(id: string, title: string, axis: string, lines: readonly Grown[]): string {
  const panel = (name: string, yLabel: string, of: (point: Grown['points'][number]) => number) => {
    const series = lines.map(({ name: label, points }, i): LineSeries => {
      // What the process has taken before already is not seen to grow.
      const seen = points.map((point) => ({ x: point.value, y: of(point) })).filter(({ y }) => y > 0)
      return { id: label, label, appearance: groupLook(i), points: seen }
    })
    const values = lines.flatMap(({ points }) => points.map(({ value }) => value))
    return {
      title: name,
      content: {
        kind: 'lines' as const,
        model: {
          ...{ series, xLabel: axis, yLabel, isLog: true, isLogX: true, y: logRangeOf(series) },
          x: { min: Math.min(...values), max: Math.max(...values) },
        },
      },
    }
  }
  return svgOf(
    figureOf(
      id,
      title,
      'Both axes are logarithmic: where cost is proportional, a line rises tenfold for each tenfold to the right.',
      {
        kind: 'panels',
        columns: 2,
        panels: [
          panel('Time', 'seconds', ({ seconds }) => seconds),
          panel('Memory beyond an idle process, at its peak', 'MiB', ({ bytes }) => bytes / 2 ** 20),
        ],
      },
    ),
    { size: 'page' },
  )
}
