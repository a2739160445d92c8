import { BasicPlatform, Chart, type ChartConfiguration } from 'chart.js'
import type { Appearance } from '../charts/appearance'
import { lineChartConfig, type LineChartModel } from '../charts/line-chart'
import { drawMaps } from '../charts/map-chart'
import type { Palette } from '../charts/palette'
import { chartConfig, refresh, type SignalChart } from '../charts/signal-chart'
import type { SignalChartModel } from '../charts/signal-chart-model'
import type { Mark, Rect } from './drawing'
import type { FigureContent, LegendEntry } from './figure'
import { RecordingContext } from './recording-context'

/** The chart alone, at a place of its figure in CSS pixels, as marks. */
export function contentMarks(
  content: FigureContent,
  palette: Palette,
  { x, y, width, height }: Rect,
): readonly Mark[] {
  const context = new RecordingContext(width, height, { x, y })
  switch (content.kind) {
    case 'maps':
      drawMaps(
        context.asContext(),
        content.maps.map((map) => ({ ...map, palette })),
        { x: 0, y: 0, width },
      )
      return context.marks
    case 'signal': {
      const model: SignalChartModel = { ...content.model, palette }
      return chartMarks(context, chartConfig(() => model) as ChartConfiguration, (chart) =>
        refresh(chart as unknown as SignalChart, model),
      )
    }
    case 'lines': {
      const model: LineChartModel = { ...content.model, palette }
      return chartMarks(context, lineChartConfig(() => model) as ChartConfiguration)
    }
    case 'drawn':
      content.draw(context.asContext(), { width, height }, palette, (own) => own)
      return context.marks
    case 'panels':
      throw new Error('Panels are drawn one by one.')
  }
}

/** @param draw brings what the configuration leaves out */
function chartMarks(
  context: RecordingContext,
  config: ChartConfiguration,
  draw: (chart: Chart) => void = () => {},
): readonly Mark[] {
  const { plugins } = config.options!
  Object.assign(config.options!, { responsive: false, devicePixelRatio: 1, events: [] })
  // With an (empty) style of segments, lines are drawn on the context and not into a Path2D of the browser.
  Object.assign(config.options!, { datasets: { line: { segment: {} } } })
  Object.assign(config.options!, { plugins: { ...plugins, tooltip: { enabled: false } } })
  const canvas = context.canvas as unknown as HTMLCanvasElement
  const chart = new Chart(canvas, { ...config, platform: BasicPlatform })
  draw(chart)
  const { marks } = context
  chart.destroy()
  return marks
}

/** Dashes of every colour are theory: its own is none of theirs, and is seen on light and on dark. */
export const THEORY: LegendEntry = {
  label: 'theory',
  appearance: { colour: '#808080', marker: '', filling: 'full', width: 1.1 },
  ...{ dashed: true, marked: false },
}

/** The curves of a content, as a legend names them. */
export function legendOf(content: FigureContent): LegendEntry[] {
  switch (content.kind) {
    case 'maps':
      return []
    case 'drawn':
      return [...content.legend]
    case 'panels':
      return unique(content.panels.flatMap((panel) => legendOf(panel.content)))
    case 'lines':
      return content.model.series.map(({ label, appearance, dashed = false, thin = false }) => ({
        ...{ label, appearance, dashed, marked: !dashed && !thin },
      }))
    case 'signal': {
      const shown = content.model.plotted.filter(({ curve }) => !curve.hidden)
      const curves = shown.map(({ curve: { label, appearance, thin = false } }) => ({
        ...{ label, appearance, dashed: false, marked: !thin },
      }))
      const hasTheory =
        content.model.theory && shown.some(({ theory }) => theory.some(({ y }) => !Number.isNaN(y)))
      return hasTheory ? [...curves, THEORY] : curves
    }
  }
}

function unique(entries: readonly LegendEntry[]): LegendEntry[] {
  return entries.filter(({ label }, i) => entries.findIndex((one) => one.label === label) === i)
}

/** The same content with every curve in another colour. */
export function inColours<C extends FigureContent>(content: C, colour: (colour: string) => string): C {
  const look = (appearance: Appearance): Appearance => ({ ...appearance, colour: colour(appearance.colour) })
  const changed = (): FigureContent => {
    switch (content.kind) {
      case 'maps':
        return content
      case 'drawn':
        return {
          ...content,
          legend: content.legend.map((one) => ({ ...one, appearance: look(one.appearance) })),
          draw: (ctx, size, palette) => content.draw(ctx, size, palette, colour),
        }
      case 'panels':
        return {
          ...content,
          panels: content.panels.map((panel) => ({ ...panel, content: inColours(panel.content, colour) })),
        }
      case 'lines': {
        const series = content.model.series.map((one) => ({ ...one, appearance: look(one.appearance) }))
        return { ...content, model: { ...content.model, series } }
      }
      case 'signal': {
        const plotted = content.model.plotted.map((one) => ({
          ...one,
          curve: { ...one.curve, appearance: look(one.curve.appearance) },
        }))
        return { ...content, model: { ...content.model, plotted } }
      }
    }
  }
  return changed() as C
}
