import { dataOfContent } from '../../shared/figures/content-data'
import { factsOf } from '../../shared/figures/facts'
import type { Fact, Figure } from '../../shared/figures/figure'
import type { RunKind } from '../../shared/runs/run'
import { fileStem, type Exported } from './export'
import type { Keeping } from './keeping'
import type { ShownChart } from './figure-desk.svelte'
import type { Lab } from './lab.svelte'

/** A view's chart on its way to a figure: what the card shows, and of what. */
export interface ChartOnScreen extends Pick<Figure, 'title' | 'subtitle' | 'finding' | 'content'> {
  /** View, chart and experiment, for the names of files. */
  what: Exported & { chart: string }
  /** The numbers, where the content does not hold them. */
  data?: Figure['data']
  /** What is said of where it comes from: of one run by itself, else these. */
  of: { kind: RunKind; keeping: Keeping } | { facts: readonly Fact[] }
  /** Which figure of the run shows the same; null: none does, or the user sees the chart otherwise. */
  sameAs?: string | null
  /** Of a training: updates after which the chart shows its networks. */
  step?: number
}

/** Offers a chart as files, among the figures of the run that it shows. */
export function offerFigure(lab: Lab, chart: ChartOnScreen): void {
  const { what, title, subtitle, finding, content, data, of, sameAs = null, step = null } = chart
  const entry = 'keeping' in of ? (lab.runs.find(of.keeping.run) ?? null) : null
  const version = entry?.version ?? lab.version
  const facts =
    'facts' in of
      ? of.facts
      : factsOf({ ...{ kind: of.kind, experiment: what.experiment }, run: entry, version })
  const figure: Figure = {
    ...{ id: what.chart, title, subtitle, finding, content, facts, version },
    made: entry?.created ?? null,
    data: data ?? dataOfContent(content),
  }
  const { statistic, axis } = lab.view.document
  void lab.figures.open({
    title: `Figure: ${title}`,
    run: entry && { entry, read: () => lab.runs.open(entry.id) },
    shown: [{ figure, name: fileStem(what) }],
    chart: entry && sameAs,
    choices: { statistic, axis, step },
  })
}

/** Offers charts that are of no run. */
export const offerFigures = (lab: Lab, title: string, shown: readonly ShownChart[]): void =>
  void lab.figures.open({ title: `Figure: ${title}`, run: null, shown, chart: null })
