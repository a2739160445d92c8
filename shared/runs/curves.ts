/**
 * The curves in a run's result, of whatever kind it is: the one reading that its file of curves, its thumbnail and
 * comparisons stand on. Results may be of an older version or of anyone's making: what is not understood is left out.
 */
import { toCsv, type Cell } from '../base/csv'
import { seriesLabel } from '../network/series-names'
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
  return given.map((one, i) => {
    const label = typeof one.reference === 'string' ? one.reference : seriesLabel(named[i], named)
    return { ...one, name: label }
  })
}

/** The curves of a result. @param n networks of a series */
export function curvesOf(kind: RunKind, result: unknown, n: number): RunCurve[] {
  return seriesIn(result).flatMap((one, series) => {
    const summary = (quantity: string, axis: string, x: number[] | null, value: unknown, factor = 1) =>
      curve({ series, name: one.name, quantity, axis, n }, x, value, factor)
    return READINGS[kind]?.(one, summary, fieldsOf(result)) ?? []
  })
}

type Summarised = (
  quantity: string,
  axis: string,
  x: number[] | null,
  value: unknown,
  factor?: number,
) => RunCurve[]

type Reading = (series: Fields, summary: Summarised, result: Fields) => RunCurve[]

const READINGS: Partial<Record<RunKind, Reading>> = {
  signal: (series, summary) =>
    ['q', 'v', 'm', 'p', 'weightGradientNorm2'].flatMap((key) => summary(key, 'block', null, series[key])),
}

/** A summary or a band over positions as a curve; none where it is not one. @param x null: 0, 1, … */
function curve(
  head: Pick<RunCurve, 'series' | 'name' | 'quantity' | 'axis' | 'n'>,
  x: number[] | null,
  value: unknown,
  factor: number,
): RunCurve[] {
  const { mean, median, low, high } = fieldsOf(value)
  const means = numbersIn(mean)
  if (!means || (x && x.length !== means.length)) return []
  const scaled = (list: number[] | null) =>
    list && list.length === means.length ? (factor === 1 ? list : list.map((one) => one * factor)) : null
  return [
    {
      ...head,
      x: x ?? means.map((_, k) => k),
      mean: scaled(means)!,
      median: scaled(numbersIn(median)),
      low: scaled(numbersIn(low)),
      high: scaled(numbersIn(high)),
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
