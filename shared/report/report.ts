/** A report: runs, their charts and the user's prose in one document, before it has a form (HTML, PDF). */
import { formatDuration, formatNumber } from '../base/format'
import type { Figure } from '../figures/figure'
import { figuresOf } from '../figures/run-figures'
import type { RunDocument, RunFigure } from '../runs/run'
import { bibtexOf } from './bibtex'
import { referenceText } from './citations'
import { parseMarkdown, type Block } from './markdown'
import { methodsOf } from './methods'

/** What a report is made of. */
export interface ReportRequest {
  /** Empty: the names of the runs. */
  title: string
  /** Markdown (markdown.ts), before the runs; the prose on a run is its note. */
  prose: string
  runs: readonly RunDocument[]
}

export interface Report {
  title: string
  prose: Block[]
  /** One a run, in their order. */
  overview: { name: string; kind: string; networks: string; begun: string; figure: string }[]
  sections: ReportSection[]
  /** As a list, in the order in which they are cited. */
  references: string[]
  bibtex: string
}

export interface ReportSection {
  /** Unique in the report: letters, digits, hyphens. */
  id: string
  title: string
  /** Id, date, device, block, width and all else that its figures are of, in one line. */
  facts: string
  note: Block[]
  figures: Figure[]
  /** The numbers that the run is known by: what, mean, 5 % to 95 %, n. */
  numbers: string[][]
  methods: string
  /** What makes the run again; null: there is no such command. */
  command: string | null
}

/** Characters. */
export const LONGEST_TITLE = 200
export const LONGEST_PROSE = 100_000

export const NUMBER_HEADINGS = ['figure', 'mean', '5 % to 95 %', 'n'] as const

/** The same report for the same runs and words: it holds no date of its making. */
export function reportOf({ title, prose, runs }: ReportRequest): Report {
  const { paragraphs, references, versions } = methodsOf(runs)
  return {
    title: title.trim() || titleOf(runs),
    prose: parseMarkdown(prose),
    overview: runs.map(({ entry }) => ({
      ...{ name: entry.name, kind: entry.kind, begun: entry.created.slice(0, 10) },
      networks: [entry.title, entry.varied].filter(Boolean).join('; '),
      figure: entry.figures.length
        ? `${entry.figures[0].label} = ${formatNumber(entry.figures[0].value)}`
        : '',
    })),
    sections: runs.map((run, i) => sectionOf(run, paragraphs[i].text)),
    references: references.map(referenceText),
    bibtex: bibtexOf(references, versions),
  }
}

const MOST_NAMED = 3

function titleOf(runs: readonly RunDocument[]): string {
  const names = runs.slice(0, MOST_NAMED).map(({ entry }) => entry.name)
  const more = runs.length - names.length
  return `Report on ${[...names, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`
}

function sectionOf(run: RunDocument, methods: string): ReportSection {
  const { id, name, created, seconds, device, version, seed, note, figures, command } = run.entry
  const drawn = figuresOf(run).filter(({ within }) => within === undefined)
  const named = drawn.length
    ? drawn[0].facts.map(({ name, value }) => `${name}: ${value}`)
    : [`seed: ${seed}`]
  const facts = [
    ...(name === id ? [] : [id]),
    ...[`begun ${created}`, `took ${formatDuration(seconds)}`, device, `Residual Lab ${version}`],
    ...named.filter((one) => !/^(run|program): /.test(one)),
  ]
  return {
    ...{ id: `run-${id}`, title: name, facts: facts.join(' · '), methods, command },
    note: parseMarkdown(note),
    figures: drawn,
    numbers: figures.map(numberRow),
  }
}

function numberRow({ label, value, low, high, n }: RunFigure): string[] {
  const spread = low === null || high === null ? '' : `${formatNumber(low)} to ${formatNumber(high)}`
  return [label, formatNumber(value), spread, String(n)]
}
