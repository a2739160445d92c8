/**
 * The curves in a run's result, of whatever kind it is: the one reading that its file of curves, its thumbnail and
 * comparisons stand on. Results may be of an older version or of anyone's making: what is not understood is left out.
 */
import { toCsv, type Cell } from '../base/csv'
import { seriesLabel } from '../network/series-names'
import { summarisePoint } from '../numerics/statistics'
import type { RunKind } from './run'

/** One quantity of one series along one axis. */
export interface RunCurve {
  /** Number of the series in the run, from 0. */
  series: number
  /** The series' name among the others. */
  name: string
  /** "q", "test error". */
  quantity: string
  /** What x counts: "block", "step", "lag". */
  axis: string
  x: number[]
  mean: number[]
  /** Null where there is no such statistic. */
  median: number[] | null
  low: number[] | null
  high: number[] | null
  /** [place][network]; null where only what was summarised is kept. */
  networks: number[][] | null
  /** Networks. */
  n: number
}

type Fields = Record<string, unknown>

/** Fields of an object, none of anything else. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

/** A list of numbers; null for anything else. */
export function numbersIn(value: unknown): number[] | null {
  if (!Array.isArray(value) || value.length === 0) return null
  return value.every((one) => typeof one === 'number') ? (value as number[]) : null
}

/** The series of a result, as names are made from them. */
export function seriesIn(result: unknown): (Fields & { name: string })[] {
  const given = listIn(fieldsOf(result).series).map(fieldsOf)
  const named = given.map((one) => {
    const block = typeof one.block === 'string' ? one.block : ''
    const blockTitle = typeof one.blockTitle === 'string' ? one.blockTitle : block
    return { block, blockTitle, remedy: typeof one.remedy === 'string' ? one.remedy : 'none' }
  })
  // Where residual and plain networks stand side by side, names say which.
  const isMixed = new Set(given.map(({ skip }) => skip)).size > 1
  return given.map((one, i) => {
    if (typeof one.reference === 'string') return { ...one, name: one.reference }
    const kind = isMixed ? [one.skip === 'off' ? 'plain' : 'residual'] : []
    return { ...one, name: [seriesLabel(named[i], named), ...kind].join(', ') }
  })
}

/** The curves of a result. @param n networks of a series */
export function curvesOf(kind: RunKind, result: unknown, n: number): RunCurve[] {
  return seriesIn(result).flatMap((one, series) => {
    const summary = (quantity: string, axis: string, x: number[] | null, value: unknown) =>
      curve({ series, name: one.name, quantity, axis, n }, x, value)
    return READINGS[kind](one, summary, fieldsOf(result))
  })
}

/**
 * The learning curves of a comparison of depths that was stopped, of the networks under way; none where there were
 * none. They have no place over depth.
 */
export function unfinishedCurvesOf(result: unknown, n: number): RunCurve[] {
  const { series, depth, evaluations } = fieldsOf(fieldsOf(result).unfinished)
  const own = typeof series === 'number' ? seriesIn(result)[series] : undefined
  if (!own) return []
  return learningCurves(
    { evaluations },
    { series: series as number, name: `${own.name}, ${String(depth)} blocks`, n },
  )
}

/** Loss and error over the steps of what was evaluated as it learned: a series of a training, or one depth of many. */
export const learningCurves = (trained: Fields, head: Pick<RunCurve, 'series' | 'name' | 'n'>): RunCurve[] =>
  learned(trained, (quantity, axis, x, value) => curve({ ...head, quantity, axis }, x, value))

type Summarised = (quantity: string, axis: string, x: number[] | null, value: unknown) => RunCurve[]

type Reading = (series: Fields, summary: Summarised, result: Fields) => RunCurve[]

const signals: Reading = (series, summary) =>
  ['q', 'v', 'm', 'p', 'weightGradientNorm2'].flatMap((key) => {
    const value = series[key]
    // Weights are those of blocks, from the first; h_0 is before it.
    const blocks =
      key === 'weightGradientNorm2' ? numbersIn(fieldsOf(value).mean)?.map((_, k) => k + 1) : null
    return summary(key, 'block', blocks ?? null, value)
  })

/** In the order in which people look at them. */
const OUTCOMES = (['test', 'train'] as const).flatMap((samples) =>
  (['error', 'loss'] as const).map((what) => ({ samples, what, quantity: `${samples} ${what}` })),
)

function learned({ evaluations }: Fields, summary: Summarised): RunCurve[] {
  const { step, learningRate, shattering, ...outcomes } = fieldsOf(evaluations)
  const steps = numbersIn(step)
  const outcomesCurves = OUTCOMES.flatMap(({ samples, what, quantity }) =>
    summary(quantity, 'step', steps, overNetworks(fieldsOf(outcomes[samples])[what])),
  )
  const rate = summary('learning rate', 'step', steps, { mean: learningRate })
  return [...outcomesCurves, ...rate, ...shattered(steps, listIn(shattering).map(fieldsOf), summary)]
}

/** Gradients at the evaluations that measured them; their autocorrelation at the last of these. */
function shattered(steps: number[] | null, all: Fields[], summary: Summarised): RunCurve[] {
  const found = all.flatMap(({ correlation, acf }, i) => {
    const step = steps?.[i]
    return numbersIn(correlation) && step !== undefined ? [{ step, correlation, acf }] : []
  })
  if (!found.length) return []
  const at = found.map(({ step }) => step)
  return [
    ...summary('gradient correlation', 'step', at, overNetworks(found.map(({ correlation }) => correlation))),
    ...summary('autocorrelation', 'lag', null, found[found.length - 1].acf),
  ]
}

const READINGS: Record<RunKind, Reading> = {
  signal: signals,
  // Those that were trained, too.
  order: (series, summary, result) => [...signals(series, summary, result), ...learned(series, summary)],
  shatter: (series, summary) => summary('autocorrelation', 'lag', null, series.acf),
  regions({ networks }, summary) {
    const counted = listIn(networks).map((one) => numbersIn(fieldsOf(one).counts) ?? [])
    // As far as all networks were counted.
    const length = counted.length ? Math.min(...counted.map((own) => own.length)) : 0
    const rows = Array.from({ length }, (_, k) => counted.map((own) => own[k]))
    return summary('regions', 'block', null, overNetworks(rows))
  },
  train: learned,
  depth(series, summary) {
    const depths = numbersIn(series.depths)
    return [
      ...OUTCOMES.flatMap(({ samples, what, quantity }) =>
        summary(quantity, 'depth', depths, fieldsOf(series[samples])[what]),
      ),
      ...OUTCOMES.flatMap(({ samples, what, quantity }) =>
        summary(`best ${quantity}`, 'depth', depths, fieldsOf(fieldsOf(series.best)[samples])[what]),
      ),
      ...summary('p0', 'depth', depths, series.p0),
      ...(['initial', 'final'] as const).flatMap((moment) =>
        summary(
          `${moment} gradient correlation`,
          'depth',
          depths,
          fieldsOf(series.gradientCorrelation)[moment],
        ),
      ),
    ]
  },
  lesion({ outcomes }, summary, { each }) {
    const all = listIn(outcomes).map(fieldsOf)
    // The first ones change one block each, in their order.
    const single = typeof each === 'number' && each > 0 ? all.slice(0, each) : all
    const axis = single.length === all.length && all.length < 2 ? 'lesion' : 'block'
    const places = single.map((_, k) => k + 1)
    return [
      ...summary('cosine', axis, places, gathered(single.map(({ cosine }) => cosine))),
      ...[...LESIONED].flatMap(([prefix, worthIn]) => {
        const worth = single.map(({ classified }) => worthIn(fieldsOf(classified)))
        return [
          ...summary(`${prefix}loss`, axis, places, gathered(worth.map(({ loss }) => loss))),
          ...summary(`${prefix}error`, axis, places, gathered(worth.map(wrongIn))),
        ]
      }),
    ]
  },
  paths({ measured }, summary) {
    const { lengths, sampled } = fieldsOf(measured)
    const listed = listIn(lengths ?? fieldsOf(sampled).lengths).map(fieldsOf)
    const places = numbersIn(listed.map(({ length }) => length))
    return ['share', 'norm', 'energy'].flatMap((key) =>
      summary(key, 'length', places, gathered(listed.map((one) => one[key]))),
    )
  },
}

/** Each network's values at every place, summarised over them. */
function overNetworks(value: unknown): unknown {
  const rows = listIn(value).map(numbersIn)
  if (!rows.every((row) => row !== null)) return null
  return { ...gathered(rows.map((row) => summarisePoint(row))), networks: rows }
}

/** What changed networks are worth: on test samples, and on training samples, of which older runs say nothing. */
const LESIONED: ReadonlyMap<string, (classified: Fields) => Fields> = new Map([
  ['', (classified) => classified],
  ['train ', ({ training }) => fieldsOf(training)],
])

/** The share of wrong answers, out of that of right ones. */
function wrongIn({ accuracy }: Fields): Record<string, unknown> {
  const { mean, low, high } = fieldsOf(accuracy)
  const wrong = (right: unknown) => (typeof right === 'number' ? 1 - right : null)
  return { mean: wrong(mean), low: wrong(high), high: wrong(low) }
}

/** Points of one curve, each with its statistics, as one list for each statistic. */
function gathered(points: readonly unknown[]): Record<string, unknown[]> {
  const all = points.map(fieldsOf)
  return Object.fromEntries(['mean', 'median', 'low', 'high'].map((key) => [key, all.map((one) => one[key])]))
}

/** A summary or a band over positions as a curve; none where it is not one. @param x null: 0, 1, … */
function curve(
  head: Pick<RunCurve, 'series' | 'name' | 'quantity' | 'axis' | 'n'>,
  x: number[] | null,
  value: unknown,
): RunCurve[] {
  const { mean, median, low, high, networks } = fieldsOf(value)
  const means = numbersIn(mean)
  if (!means || (x && x.length !== means.length)) return []
  const asLong = (values: unknown) => {
    const found = numbersIn(values)
    return found?.length === means.length ? found : null
  }
  return [
    {
      ...head,
      x: x ?? means.map((_, k) => k),
      mean: means,
      median: asLong(median),
      low: asLong(low),
      high: asLong(high),
      ...(Array.isArray(networks)
        ? { networks: networks as number[][], n: (networks as number[][])[0].length }
        : { networks: null }),
    },
  ]
}

/** One line for each point of each curve. */
export function curvesCsv(curves: readonly RunCurve[]): string {
  return toCsv(
    ['series', 'name', 'quantity', 'axis', 'x', 'mean', 'median', 'low', 'high', 'n'],
    rows(curves),
  )
}

function* rows(curves: readonly RunCurve[]): Iterable<Cell[]> {
  for (const { series, name, quantity, axis, x, mean, median, low, high, n } of curves) {
    for (let i = 0; i < x.length; i++) {
      const statistics = [mean[i], median?.[i] ?? null, low?.[i] ?? null, high?.[i] ?? null]
      yield [series, name, quantity, axis, x[i], ...statistics, n]
    }
  }
}
