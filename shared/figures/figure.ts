import type { Cell } from '../base/csv'
import type { Appearance } from '../charts/appearance'
import type { LineChartModel } from '../charts/line-chart'
import type { MapModel } from '../charts/map-chart'
import type { Palette } from '../charts/palette'
import type { SignalChartModel } from '../charts/signal-chart-model'

/** A chart as it leaves the lab: what it shows, in words and in numbers, before it has a theme or a size. */
export interface Figure {
  /** Which of the charts of its view or its run: "q", "test-error". Letters, digits and hyphens. */
  id: string
  title: string
  /** Definition and statistic: what is drawn. */
  subtitle: string
  /** What is to be seen, from the data; empty where there is nothing to say. */
  finding: string
  content: FigureContent
  /** Where it comes from: in the caption, and at the head of the data. */
  facts: readonly Fact[]
  /** When its run began, in ISO 8601: the date of its files; null where it belongs to none. */
  made: string | null
  /** Of the program that measured it. */
  version: string
  /** Id of a figure of the same run that shows this one together with others; absent: none does. */
  within?: string
  /** The numbers that are drawn, in full precision. */
  data: { header: readonly string[]; rows: readonly (readonly Cell[])[] } | null
}

/** Block, width, seed and so on, each with its name. */
export interface Fact {
  name: string
  value: string
}

/** Colours and type come with the theme. */
export type FigureContent =
  | { kind: 'signal'; model: Unpainted<SignalChartModel> }
  | { kind: 'lines'; model: Unpainted<LineChartModel> }
  | { kind: 'maps'; maps: readonly Unpainted<MapModel>[] }
  /** Charts side by side, each under its own title. */
  | {
      kind: 'panels'
      panels: readonly Panel[]
      /** Height of a panel for its width, and panels in a row, where the size of the figure does not say it. */
      ratio?: number
      columns?: number
    }
  | DrawnContent

export interface Panel {
  title: string
  content: Exclude<FigureContent, { kind: 'panels' | 'maps' }>
}

/** What draws itself. */
export interface DrawnContent {
  kind: 'drawn'
  legend: readonly LegendEntry[]
  /** Height for its width, where the size of the figure does not say it. */
  ratio?: number
  /** @param colour what a curve's own colour is in the theme */
  draw(
    ctx: CanvasRenderingContext2D,
    size: { width: number; height: number },
    palette: Palette,
    colour: (own: string) => string,
  ): void
}

type Unpainted<Model> = Omit<Model, 'palette'>

/** A line of the legend. */
export interface LegendEntry {
  label: string
  appearance: Appearance
  dashed: boolean
  marked: boolean
}

/** Block, width and all else, as one sentence. */
export const captionOf = ({ facts }: Pick<Figure, 'facts'>): string =>
  facts.length ? `${facts.map(({ name, value }) => `${name}: ${value}`).join('; ')}.` : ''

/** What stands in a file beside its drawing. */
export interface FigureWords {
  title: string
  /** All that is said of the figure, for whoever reads the file without its picture. */
  description: string
  version: string
  /** In ISO 8601; null: it belongs to no run. */
  made: string | null
}

export const wordsOf = (figure: Figure): FigureWords => ({
  title: figure.title,
  description: [figure.subtitle, figure.finding, captionOf(figure)].filter(Boolean).join(' '),
  version: figure.version,
  made: figure.made,
})
