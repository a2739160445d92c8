import type { Cell } from '../base/csv'
import { groupLook, type Appearance } from '../charts/appearance'
import { isWide, logRangeOf, rangeOf, type LineChartModel, type LineSeries } from '../charts/line-chart'
import { ALIGNMENTS, compare, leftText, type Comparison, type ComparisonQuestion } from '../runs/comparison'
import { canAlign } from '../runs/comparison-choices'
import { comparisonFinding } from '../runs/findings'
import { curveNamed, numberNamed } from '../runs/metrics'
import { readRun, type SeriesReading } from '../runs/readings'
import type { RunDocument } from '../runs/run'
import { BANDS } from '../runs/statistics'
import { factsOf } from './facts'
import type { Fact, Figure } from './figure'

/** The lines of a comparison. @param lookOf by the line's place; as they are told apart where it is left out */
export const linesOf = (
  { lines, isScattered }: Comparison,
  lookOf: (place: number) => Appearance = groupLook,
): LineSeries[] =>
  lines.map(({ key, label, points }, i) => ({
    ...{ id: key, label, appearance: lookOf(i), bars: isScattered, points },
  }))

export const comparisonChart = (
  { xLabel, yLabel }: Comparison,
  series: readonly LineSeries[],
  isLog: boolean,
): Omit<LineChartModel, 'palette'> => ({
  ...{ series, xLabel, yLabel, isLog },
  x: xRangeOf(series),
  y: isLog ? logRangeOf(series) : rangeOf(series),
})

/** All points, with a little room where they stand alone. */
export function xRangeOf(lines: readonly Pick<LineSeries, 'points' | 'bars'>[]): {
  min: number
  max: number
} {
  const values = lines.flatMap(({ points }) => points.map(({ x }) => x)).filter(Number.isFinite)
  if (!values.length) return { min: 0, max: 1 }
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const room =
    lines.some(({ bars }) => bars) || least === most ? 0.06 * (most - least || Math.abs(most) || 1) : 0
  return { min: least - room, max: most + room }
}

/** What is drawn, and how a group's line and band come about. */
export function definitionOf({ y, centre, band }: ComparisonQuestion): string {
  const metric = curveNamed(y) ?? numberNamed(y)
  const bands = BANDS.find(({ value }) => value === band)!
  return (
    `${metric?.definition ?? ''} Line: ${centre} of a group; band: ${bands.label}. A series that is alone in its ` +
    'group and keeps no single networks has its run’s own band, the 5th to the 95th percentile. ' +
    bands.definition
  )
}

export const titleOfComparison = ({ xLabel, yLabel }: Comparison): string => `${yLabel} over ${xLabel}`

/** Of what n counts, and by what learning curves lie over each other. */
export function noteOf({ nText }: Comparison, question: ComparisonQuestion): string {
  const align = ALIGNMENTS.find(({ value }) => value === question.align)
  return [nText, canAlign(question) && align ? `aligned by ${align.label}` : ''].filter(Boolean).join('; ')
}

export const findingOf = (comparison: Comparison, { y }: ComparisonQuestion): string =>
  [comparisonFinding(comparison), leftText(comparison.left, y)].filter(Boolean).join(' ')

/** The points of each line, and the runs that they are of. */
export const dataOfComparison = ({ lines, xLabel, yLabel }: Comparison): NonNullable<Figure['data']> => ({
  header: ['line', 'runs', xLabel, yLabel, 'low', 'high', 'n'],
  rows: lines.flatMap(({ label, members, points }) =>
    points.map(({ x, y, low, high, n }): Cell[] => [
      ...[label, members.map(({ run }) => run.id).join(' ')],
      ...[x, y, low ?? null, high ?? null, n],
    ]),
  ),
})

/** What a comparison has to say of itself, whoever draws it. */
export function comparisonFigure(
  comparison: Comparison,
  question: ComparisonQuestion,
  { facts, version, isLog }: { facts: readonly Fact[]; version: string; isLog?: boolean },
): Figure {
  const lines = linesOf(comparison)
  return {
    id: 'comparison',
    title: titleOfComparison(comparison),
    subtitle: `${definitionOf(question)} ${noteOf(comparison, question)}.`,
    finding: findingOf(comparison, question),
    content: { kind: 'lines', model: comparisonChart(comparison, lines, isLog ?? isWide(lines)) },
    ...{ facts, made: null, version },
    data: dataOfComparison(comparison),
  }
}

/** The figure of several runs in one chart. @param isLog undefined: as the values need it */
export const figureOfRuns = (
  runs: readonly RunDocument[],
  question: ComparisonQuestion,
  { version, isLog }: { version: string; isLog?: boolean },
): Figure => {
  const series: readonly SeriesReading[] = runs.flatMap((run) => readRun(run))
  return comparisonFigure(compare(series, question), question, { facts: factsOfRuns(runs), version, isLog })
}

/** Values of one fact that have room in a caption. */
const MOST_VALUES = 6

/** Where several runs come from: what they have in common once, and each of them where they differ. */
export const factsOfRuns = (runs: readonly RunDocument[]): Fact[] =>
  mergedFacts(
    runs.map(({ entry, experiment }) =>
      factsOf({ kind: entry.kind, experiment, run: entry, version: entry.version }),
    ),
  )

export function mergedFacts(all: readonly (readonly Fact[])[]): Fact[] {
  // What only some have comes where they have it.
  const names: string[] = []
  for (const facts of all)
    facts.forEach(({ name }, i) => {
      if (!names.includes(name)) names.splice(i ? names.indexOf(facts[i - 1].name) + 1 : 0, 0, name)
    })
  return names.map((name) => {
    const values = [
      ...new Set(all.flatMap((facts) => facts.filter((one) => one.name === name).map(({ value }) => value))),
    ]
    const more = values.length > MOST_VALUES ? [`${values.length - MOST_VALUES + 1} more`] : []
    const said = more.length ? values.slice(0, MOST_VALUES - 1) : values
    return { name, value: [...said, ...more].join(' | ') }
  })
}
