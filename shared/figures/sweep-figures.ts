import type { Cell } from '../base/csv'
import { capitalWord } from '../base/format'
import { appearanceOf, blocksOf, type Appearance } from '../charts/appearance'
import type { LineSeries } from '../charts/line-chart'
import type { SeriesAt } from '../runs/series-at'
import type { ShownPoint, ShownSweep } from '../runs/shown-sweep'
import { chartTitle, type SweepFigure } from '../runs/sweep-reading'
import { sweepFinding } from '../runs/sweep-finding'
import type { RunDocument } from '../runs/run'
import { networksOf } from '../runs/summary'
import type { Experiment } from '../settings/experiment'
import { setting } from '../settings/table'
import { placeWords, valueText } from '../sweep/words'
import { factsOf } from './facts'
import type { Fact, Figure, FigureContent, Panel } from './figure'
import { curveOf } from './sweep-curve'
import { mapsOf } from './sweep-maps'

/** What is known of a sweep's points. */
export interface SweepTable {
  shown: ShownSweep
  table: readonly { point: ShownPoint; series: readonly SeriesAt[] }[]
}

/** How a sweep is drawn. */
export interface SweepLook {
  chart: SweepChart
  number: SweepFigure
  /** Id of the networks of a map; null: the first. */
  series: string | null
  /** Of two swept settings, the value of the second that a curve is at. */
  at: number | null
  /** Ids of networks that are left out of curves and small charts. */
  hidden: readonly string[]
}

export const SWEEP_CHARTS = ['map', 'curve', 'multiples'] as const
export type SweepChart = (typeof SWEEP_CHARTS)[number]

/** The networks at a sweep's points, with their looks. */
export function seriesOfTable(table: SweepTable['table']) {
  const all = table.flatMap(({ series }) => series)
  const ids = all.map(({ id }) => id)
  const series = all
    .filter(({ id }, i) => ids.indexOf(id) === i)
    .map(({ id, name, block, remedy }) => ({ id, name, block, remedy }))
  const blocks = blocksOf(series)
  return series.map((one) => ({ ...one, look: appearanceOf(one, blocks) }))
}

/**
 * A sweep as a figure: a map of two settings, a number against one, or the chart of every point.
 * @param first of its runs
 */
export function sweepFigure({ shown, table }: SweepTable, look: SweepLook, first: RunDocument): Figure {
  const { chart, number } = look
  const all = seriesOfTable(table)
  const selected = all.find(({ id }) => id === look.series) ?? all[0]
  const [x, y] = shown.swept
  const points =
    chart === 'curve' && y ? table.filter(({ point }) => point.settings[y.key] === look.at) : table
  const drawn = chart === 'map' ? [selected] : all.filter(({ id }) => !look.hidden.includes(id))
  const n = networksOf(shown.kind, first.experiment)
  const isSignal = shown.kind === 'signal'
  const along =
    chart === 'curve' && y && look.at !== null ? `; ${setting(y.key).label} ${valueText(look.at)}` : ''
  const title = capitalWord((chart === 'multiples' && chartTitle(shown.kind)) || number.title)
  return {
    id: chart,
    title: chart === 'map' ? `${selected.name}: ${number.title}` : title,
    subtitle:
      chart === 'multiples'
        ? `A chart for every point, over ${isSignal ? 'blocks k' : 'steps'}, all on one scale; means over n = ${n} ` +
          `networks.${isSignal ? ' Dashed: theory.' : ''}`
        : `${number.definition} n = ${n} networks at each point${along}.` +
          (chart === 'map' ? '' : ' Band: 5th to 95th percentile. Dashed: theory.'),
    finding: chart === 'multiples' ? '' : findingOf(table, shown, selected, number),
    content: contentOf({ shown, table: points }, { chart, number, drawn, selected, x, y }),
    facts: factsOfSweep(shown, first),
    ...{ made: first.entry.created, version: first.entry.version },
    data: chart === 'multiples' ? chartsData(shown, table, drawn) : numbersData(shown, points, drawn, number),
  }
}

type Named = ReturnType<typeof seriesOfTable>[number]

interface Drawn {
  chart: SweepChart
  number: SweepFigure
  drawn: readonly Named[]
  selected: Named
  x: ShownSweep['swept'][number] | undefined
  y: ShownSweep['swept'][number] | undefined
}

function contentOf(
  { shown, table }: SweepTable,
  { chart, number, drawn, selected, x, y }: Drawn,
): FigureContent {
  if (chart === 'curve' || !x) {
    const looks = drawn.map(({ id, look }) => ({ id, look }))
    return {
      kind: 'lines',
      model: curveOf({ x: x ?? null, series: drawn, looks, points: table, figure: number }),
    }
  }
  if (chart === 'multiples' || !y) return multiples(shown, table, drawn)
  const byIndex = new Map(
    table.map(({ point, series }) => [point.index, series.find(({ id }) => id === selected.id)]),
  )
  const maps = mapsOf({
    ...{ x, y, points: shown.points, figure: number, edgeOf: () => null },
    seriesAt: ({ index }) => byIndex.get(index),
  })
  return { kind: 'maps', maps }
}

/** Steps or blocks of each point's own, the largest value of the second setting on top. */
function multiples(shown: ShownSweep, table: SweepTable['table'], drawn: readonly Named[]): FigureContent {
  const isLog = shown.kind === 'signal'
  const [x, y] = shown.swept
  const rank = ({ point }: SweepTable['table'][number]) =>
    x && y
      ? (y.values.length - 1 - y.values.indexOf(point.settings[y.key]!)) * x.values.length +
        x.values.indexOf(point.settings[x.key]!)
      : point.index
  const ordered = [...table].sort((a, b) => rank(a) - rank(b))
  const charts = ordered.map(({ point, series }) => ({
    point,
    lines: drawn.flatMap((one) => linesOf(one, series)),
  }))
  const values = charts.flatMap(({ lines }) =>
    lines.flatMap(({ points }) => points.map(({ y: value }) => value)),
  )
  const finite = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0))
  const [least, most] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0.1, 1]
  const room = isLog ? 1.1 : 0.05 * (most - least || 1)
  const range = isLog ? { min: least / room, max: most * room } : { min: least - room, max: most + room }
  const panels = charts.map(({ point, lines }): Panel => {
    const places = lines.flatMap(({ points }) => points.map((one) => one.x))
    return {
      title: placeWords(point.settings),
      content: {
        kind: 'lines',
        model: {
          ...{ series: lines, isLog, y: range, yLabel: '', xLabel: '' },
          x: { min: Math.min(0, ...places), max: Math.max(1, ...places) },
        },
      },
    }
  })
  return { kind: 'panels', panels, columns: x && y ? x.values.length : undefined }
}

function linesOf({ id, name, look }: Named, series: readonly SeriesAt[]): LineSeries[] {
  const chart = series.find((one) => one.id === id)?.chart
  if (!chart) return []
  const line = (values: readonly number[]) => values.map((y, i) => ({ x: chart.x[i], y }))
  const appearance: Appearance = { ...look, width: 1.2 }
  return [
    { id, label: name, appearance, thin: true, points: line(chart.mean) },
    ...(chart.theory
      ? [
          {
            id: `${id} theory`,
            label: `${name}, theory`,
            appearance,
            dashed: true,
            points: line(chart.theory),
          },
        ]
      : []),
  ]
}

function findingOf(
  table: SweepTable['table'],
  { points }: ShownSweep,
  { id, name }: Named,
  number: SweepFigure,
): string {
  const found = table.flatMap(({ point: { settings }, series }) => {
    const one = series.find((own) => own.id === id)
    return one?.measured ? [{ settings, measured: one.measured.mean, theory: one.theory }] : []
  })
  return sweepFinding({ name, figure: number, points: found, total: points.length })
}

/** Where the points come from: what is swept, and what all have in common. */
export function factsOfSweep({ id, swept, points }: ShownSweep, first: RunDocument): Fact[] {
  const { kind, version } = first.entry
  const done = points.filter(({ run }) => run)
  const all = done.map(({ settings }) => {
    const epochs = settings.steps === undefined ? {} : { epochs: 0 }
    const experiment = { ...first.experiment, ...epochs, ...settings } as Experiment
    return factsOf({ kind, experiment, run: null, version })
  })
  const ranges = swept.map(({ key, values }) => {
    const ends = `${valueText(Math.min(...values))} to ${valueText(Math.max(...values))}`
    return `${setting(key).label}, ${values.length} values from ${ends}`
  })
  return [
    { name: 'swept', value: ranges.join('; ') },
    ...rangesOf(all).map((fact) =>
      fact.name === 'run'
        ? { name: 'runs', value: `${done.length} of ${points.length} points of ${id}` }
        : fact,
    ),
  ]
}

/** What is the same at every point once; what is swept from its first to its last. */
function rangesOf(all: readonly (readonly Fact[])[]): Fact[] {
  const [first = [], last = first] = [all.at(0), all.at(-1)]
  return first.map(({ name, value }) => {
    const end = last.find((one) => one.name === name)?.value ?? value
    return { name, value: value === end ? value : `${value} to ${end}` }
  })
}

// ---- Numbers ------------------------------------------------------------------------------------------------------

const keysOf = ({ swept }: ShownSweep) => swept.map(({ key }) => key)
const optionsOf = (shown: ShownSweep) => keysOf(shown).map((key) => setting(key).option)

/** A row for each series at each point. */
export function numbersData(
  shown: ShownSweep,
  table: SweepTable['table'],
  drawn: readonly Pick<Named, 'id'>[],
  number: SweepFigure,
): NonNullable<Figure['data']> {
  const keys = keysOf(shown)
  return {
    header: ['point', ...optionsOf(shown), 'series', 'figure', 'mean', 'low', 'high', 'theory', 'run'],
    rows: table.flatMap(({ point, series }) =>
      series
        .filter(({ id }) => drawn.some((one) => one.id === id))
        .map(({ name, measured, theory }): Cell[] => [
          ...[point.index + 1, ...keys.map((key) => point.settings[key] ?? null), name, number.key],
          ...[measured?.mean ?? null, measured?.low ?? null, measured?.high ?? null, theory],
          point.run?.id ?? null,
        ]),
    ),
  }
}

function chartsData(shown: ShownSweep, table: SweepTable['table'], drawn: readonly Named[]): Figure['data'] {
  const keys = keysOf(shown)
  return {
    header: ['point', ...optionsOf(shown), 'series', 'x', 'mean', 'theory'],
    rows: table.flatMap(({ point, series }) =>
      drawn.flatMap(({ id, name }) => {
        const chart = series.find((one) => one.id === id)?.chart
        const own = [point.index + 1, ...keys.map((key) => point.settings[key] ?? null), name]
        return (chart?.x ?? []).map((x, i): Cell[] => [...own, x, chart!.mean[i], chart!.theory?.[i] ?? null])
      }),
    ),
  }
}
