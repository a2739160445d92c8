import type { Cell } from '../base/csv'
import type { Appearance } from '../charts/appearance'
import type { LineChartModel } from '../charts/line-chart'
import type { MapModel } from '../charts/map-chart'
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
  | { kind: 'panels'; panels: readonly Panel[] }

export interface Panel {
  title: string
  content: Exclude<FigureContent, { kind: 'panels' | 'maps' }>
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
