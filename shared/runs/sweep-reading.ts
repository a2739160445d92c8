/** What a sweep's pictures read of the run at each point, and of theory there. */
import type { Theory } from '../theory/series'
import { fieldsOf, seriesIn } from './curves'
import { curveKey, NUMBERS } from './metrics'
import { readRun, type Values } from './readings'
import type { RunDocument, RunKind } from './run'

/** One number over networks, with the 5th and the 95th percentile where the run keeps them. */
export interface PointNumber {
  mean: number
  low: number | null
  high: number | null
}

/** One series of the networks at a point. */
export interface PointSeries {
  name: string
  /** The series' look is found by these. */
  block: string
  remedy: string
  /** By the figure's key. */
  measured: Record<string, PointNumber>
  theory: Record<string, number>
  /** The point's own chart, thinned: mean and theory along it; null where the run has none. */
  chart: { x: number[]; mean: number[]; theory: number[] | null } | null
}

/** A number that a sweep's pictures show against the values. */
export interface SweepFigure {
  key: string
  title: string
  definition: string
  /** Whether its logarithm is drawn; 1 then says that nothing changes. */
  isRatio: boolean
}

const RATIOS: readonly SweepFigure[] = [
  {
    key: 'growth',
    title: 'growth of the signal',
    definition:
      'Mean square of h after the last block over that of the input, q_L / q_0, means over networks.',
    isRatio: true,
  },
  {
    key: 'gradient growth',
    title: 'growth of the gradient',
    definition: 'Mean squared gradient at the input over that at the top, p_0, mean over networks.',
    isRatio: true,
  },
  {
    key: 'rate',
    title: 'growth per block',
    definition: 'By what a block multiplies the mean square on average, (q_L / q_0)^(1/L).',
    isRatio: true,
  },
]

const asFigure = (keys: readonly string[]): SweepFigure[] =>
  NUMBERS.filter(({ key }) => keys.includes(key)).map(({ key, title, definition }) => ({
    ...{ key, title, definition },
    isRatio: false,
  }))

const LEARNED = ['test error:last', 'train error:last', 'test loss:last', 'train loss:last', 'seconds']

/** The figures of a kind of runs, the one that is shown at first before the others. */
export function sweepFigures(kind: RunKind): readonly SweepFigure[] {
  if (kind === 'signal') return [...RATIOS, ...asFigure(['q:last', 'v:last', 'm:last', 'seconds'])]
  if (kind === 'train') return asFigure(LEARNED)
  return asFigure(NUMBERS.map(({ key }) => key))
}

/** The curve that stands for a point among small multiples. */
const CHARTS: Partial<Record<RunKind, string>> = {
  signal: curveKey('q', 'block'),
  train: curveKey('test error', 'step'),
}
export const chartTitle = (kind: RunKind): string | null =>
  kind === 'signal' ? 'q after block k' : kind === 'train' ? 'test error after so many steps' : null

/** A run at a point of a sweep, series by series. */
export function readPoint(document: RunDocument): PointSeries[] {
  const { kind } = document.entry
  const raw = seriesIn(document.result)
  return readRun(document).map(({ name, settings, curves, numbers }, i) => {
    const theory = theoryIn(raw[i])
    const q = curves[curveKey('q', 'block')]
    const chart = curves[CHARTS[kind] ?? '']
    return {
      name,
      ...{ block: String(settings.block), remedy: String(settings.remedy) },
      measured: { ...ofNumbers(numbers), ...(kind === 'signal' && q ? ratiosOf(q, numbers) : {}) },
      theory: kind === 'signal' ? theoryNumbers(theory) : {},
      chart: chart
        ? thinned([...chart.x], [...chart.mean], kind === 'signal' ? (theory?.q ?? null) : null)
        : null,
    }
  })
}

/** What theory says of a series, by the same keys as what is measured. */
export function theoryNumbers(theory: Pick<Theory, 'q' | 'v' | 'm' | 'p'> | null): Record<string, number> {
  if (!theory) return {}
  const { q, v, m, p } = theory
  const last = (values: number[]) => values[values.length - 1]
  return {
    ...(q && { growth: last(q) / q[0], rate: (last(q) / q[0]) ** (1 / Math.max(1, q.length - 1)) }),
    ...(q && { 'q:last': last(q) }),
    ...(v && { 'v:last': last(v) }),
    ...(m && { 'm:last': last(m) }),
    ...(p && { 'gradient growth': p[0] }),
  }
}

function theoryIn(series: unknown): Theory | null {
  const { theory } = fieldsOf(series)
  return typeof theory === 'object' && theory !== null ? (theory as Theory) : null
}

function ofNumbers(numbers: Readonly<Record<string, Values>>): Record<string, PointNumber> {
  return Object.fromEntries(
    Object.entries(numbers).map(([key, { mean, low, high }]) => [
      key,
      { mean: mean[0], low: low?.[0] ?? null, high: high?.[0] ?? null },
    ]),
  )
}

/** The ratios of a signal, each with the band of what it is read off, over the same mean at the input. */
function ratiosOf(q: Values, numbers: Readonly<Record<string, Values>>): Record<string, PointNumber> {
  const first = q.mean[0]
  const last = q.mean.length - 1
  const over = (of: (value: number) => number) => ({
    mean: of(q.mean[last]),
    low: q.low ? of(q.low[last]) : null,
    high: q.high ? of(q.high[last]) : null,
  })
  const p = numbers['p:first']
  return {
    growth: over((value) => value / first),
    rate: over((value) => (value / first) ** (1 / Math.max(1, last))),
    ...(p && ofNumbers({ 'gradient growth': p })),
  }
}

const MOST_POINTS = 60

function thinned(x: number[], mean: number[], theory: number[] | null): PointSeries['chart'] {
  const stride = Math.max(1, Math.ceil(x.length / MOST_POINTS))
  const keep = <T>(list: T[]) => list.filter((_, i) => i % stride === 0 || i === list.length - 1)
  return { x: keep(x), mean: keep(mean), theory: theory && theory.length === x.length ? keep(theory) : null }
}
