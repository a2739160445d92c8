/**
 * All numbers of a run as one table in long form: a line for each value, with everything that it is a value of in
 * columns of its own. Files of metrics (main/export/metrics/) are this table in other programs' forms.
 */
import type { Cell } from '../base/csv'
import { describedData } from '../data/data-sets'
import { isRegression } from '../data/description'
import { lossUnit } from '../data/measures'
import { learningCurves, fieldsOf, numbersIn, seriesIn, type RunCurve } from './curves'
import { curveNamed, curveKey, NUMBERS } from './metrics'
import { readRun, type SeriesReading, type Values } from './readings'
import type { RunDocument } from './run'
import { networksOf } from './summary'

/** The columns that say where along a curve a value lies. */
const PLACES = ['step', 'k', 'lag', 'depth', 'length', 'lesion'] as const
export type Place = (typeof PLACES)[number]

/** What is told of the networks of a series. */
interface SeriesFacts {
  /** Counts from 1, as `export --series` does. */
  series: number
  name: string
  block: string
  remedy: string
  skip: string
  blocks: number
}

/** One metric of one series along one coordinate. */
export interface MetricCurve extends SeriesFacts {
  metric: string
  /** What x counts; null: it is one number. */
  along: Place | null
  /** The other coordinate, which all of it shares: the step that a network's blocks were looked at after. */
  at: { place: 'step' | 'depth'; value: number } | null
  values: Values
  /** At every x; null where there is none. */
  theory: readonly number[] | null
  /** Whether it is a number of the series as such (`mean`), and no statistic over its networks. */
  isOwn: boolean
}

/** What a metric is, for whoever reads the file without this program. */
export interface MetricMeaning {
  metric: string
  /** "1": it is a ratio, a share or a count. */
  unit: string
  meaning: string
}

export interface MetricsTable {
  curves: readonly MetricCurve[]
  /** In the order of their first curve. */
  metrics: readonly MetricMeaning[]
}

interface Column {
  name: string
  type: 'text' | 'integer' | 'number'
  meaning: string
}

/** What every line of the table has, in their order. */
export const METRIC_COLUMNS: readonly Column[] = [
  { name: 'run', type: 'text', meaning: 'The run’s id.' },
  { name: 'series', type: 'integer', meaning: 'Number of the series in the run, from 1.' },
  { name: 'name', type: 'text', meaning: 'The networks of the series by their name.' },
  { name: 'block', type: 'text', meaning: 'Their block.' },
  { name: 'remedy', type: 'text', meaning: 'The remedy that is applied to it.' },
  { name: 'skip', type: 'text', meaning: '"on": with the skip connection; "off": a plain network.' },
  { name: 'blocks', type: 'integer', meaning: 'L, the number of blocks.' },
  { name: 'metric', type: 'text', meaning: 'What was measured; `metrics` says what it is, in which unit.' },
  { name: 'step', type: 'integer', meaning: 'Updates before; empty where nothing was trained.' },
  {
    name: 'k',
    type: 'integer',
    meaning: 'After which block, from 0; of weights, and of lesions, of which block.',
  },
  { name: 'lag', type: 'integer', meaning: 'Points of the line between two values.' },
  { name: 'depth', type: 'integer', meaning: 'Blocks of the networks that are compared over depths.' },
  { name: 'length', type: 'integer', meaning: 'Branches on a path.' },
  { name: 'lesion', type: 'integer', meaning: 'Number of the lesion, from 1.' },
  {
    name: 'statistic',
    type: 'text',
    meaning:
      'Over the networks: mean, median, low (5th percentile), high (95th percentile); theory: the limit of infinite ' +
      'width; empty: the value is one network’s, or of the series as such.',
  },
  {
    name: 'replica',
    type: 'integer',
    meaning: 'Which network, from 1; empty where the value is over networks.',
  },
  {
    name: 'n',
    type: 'integer',
    meaning: 'Networks that the value is over; empty for theory, and for what is no network’s.',
  },
  { name: 'value', type: 'number', meaning: 'The value.' },
]

const STATISTICS = ['mean', 'median', 'low', 'high'] as const

/** The lines of a table, in the order of its columns. */
export function* metricRows(run: string, curves: readonly MetricCurve[]): Generator<Cell[]> {
  for (const curve of curves) {
    const { series, name, block, remedy, skip, metric, along, values, theory, isOwn } = curve
    for (let i = 0; i < values.x.length; i++) {
      const blocks = along === 'depth' ? values.x[i] : curve.blocks
      const facts: Cell[] = [run, series, name, block, remedy, skip, blocks, metric]
      const places = PLACES.map((place) => placeOf(curve, place, i))
      for (const statistic of STATISTICS) {
        const value = values[statistic]?.[i]
        if (value !== undefined)
          yield [...facts, ...places, ...(isOwn ? [null, null, null] : [statistic, null, values.n]), value]
      }
      if (theory) yield [...facts, ...places, 'theory', null, null, theory[i]]
      const networks = values.networks?.[i] ?? []
      for (let r = 0; r < networks.length; r++) yield [...facts, ...places, null, r + 1, 1, networks[r]]
    }
  }
}

function placeOf({ along, at, values }: MetricCurve, place: Place, i: number): number | null {
  if (place === along) return values.x[i]
  return at?.place === place ? at.value : null
}

/** Everything that a run has measured; no curves where it has measured nothing yet. */
export function metricsTable(document: RunDocument): MetricsTable {
  const { entry, experiment, result } = document
  const n = networksOf(entry.kind, experiment)
  const raw = seriesIn(result)
  const readings = readRun(document)
  const factsOf = readings.map(factsOfSeries)
  const curves = [
    ...readings.flatMap((reading, i) => [
      ...measured(factsOf[i], reading, theoriesOf(raw[i])),
      ...ownNumbers(factsOf[i], reading, raw[i]),
    ]),
    ...frames(factsOf, result, n),
    ...cells(factsOf, result, n),
  ]
  const isReal = isOfTargets(document)
  const metrics = new Map(curves.map((curve) => [curve.metric, meaningOf(curve, isReal)]))
  return { curves, metrics: [...metrics.values()] }
}

function factsOfSeries({ name, settings }: SeriesReading, i: number): SeriesFacts {
  const { block, remedy, skip, blocks } = settings
  return {
    ...{ series: i + 1, name, block: String(block), remedy: String(remedy) },
    ...{ skip: String(skip), blocks: Number(blocks) },
  }
}

// ---- What a run keeps ---------------------------------------------------------------------------------------------

const PLACE_OF_AXIS: Readonly<Record<string, Place>> = { block: 'k' }

const placeNamed = (axis: string): Place | null =>
  PLACE_OF_AXIS[axis] ?? PLACES.find((place) => place === axis) ?? null

function measured(facts: SeriesFacts, { curves }: SeriesReading, theory: Theories): MetricCurve[] {
  return Object.entries(curves).map(([key, values]) => {
    const [metric, axis] = key.split('/')
    const expected = axis === 'block' ? theory.curves[metric] : null
    return {
      ...{ ...facts, metric, along: placeNamed(axis), at: null, values, isOwn: metric === 'learning rate' },
      theory: expected?.length === values.x.length ? expected : null,
    }
  })
}

interface Theories {
  curves: Readonly<Record<string, number[] | null>>
  /** Of the correlation of gradients. */
  number: number | null
}

function theoriesOf(series: unknown): Theories {
  const { theory } = fieldsOf(series)
  const curves = Object.fromEntries(
    ['q', 'v', 'm', 'p'].map((key) => [key, numbersIn(fieldsOf(theory)[key])]),
  )
  return { curves, number: typeof theory === 'number' ? theory : null }
}

/** Numbers that are measured as such, and are no values of a curve. */
function ownNumbers(facts: SeriesFacts, { numbers }: SeriesReading, series: unknown): MetricCurve[] {
  return NUMBERS.flatMap(({ key, from }) => {
    const values = numbers[key]
    if (from || !values) return []
    const isCorrelation = key === 'correlation'
    const { number } = theoriesOf(series)
    return {
      ...{ ...facts, metric: key, along: null, at: null, values, isOwn: !isCorrelation },
      theory: isCorrelation && number !== null ? [number] : null,
    }
  })
}

const FRAME_CURVES = ['q', 'v', 'm', 'p', 'weightGradientNorm2', 'updateRatio'] as const
/** Blocks have weights from the first on; h_0 is before it. */
const FROM_BLOCK_1: readonly string[] = ['weightGradientNorm2', 'updateRatio']

/** What was seen block by block while the networks learned, and on each step's batch. */
function frames(facts: readonly SeriesFacts[], result: unknown, n: number): MetricCurve[] {
  const all = listOf(fieldsOf(result).frames).map(fieldsOf)
  return facts.flatMap((own, i) => {
    const seen = all.flatMap(({ step, series }) => {
      const at = listOf(series)[i]
      return typeof step === 'number' && at !== undefined ? [{ step, series: fieldsOf(at) }] : []
    })
    const byBlock = seen.flatMap(({ step, series }) =>
      FRAME_CURVES.flatMap((metric): MetricCurve[] => {
        const first = FROM_BLOCK_1.includes(metric) ? 1 : 0
        const values = summaryOf(series[metric], n, (k) => first + k)
        if (!values) return []
        const at = { place: 'step' as const, value: step }
        return [{ ...own, metric, along: 'k', at, values, theory: null, isOwn: false }]
      }),
    )
    const onBatches = (['loss', 'accuracy'] as const).flatMap((key): MetricCurve[] => {
      const points = seen.map(({ series }) => fieldsOf(series[key]))
      const lists = Object.fromEntries(STATISTICS.map((one) => [one, points.map((point) => point[one])]))
      const values = summaryOf(lists, n, (j) => seen[j].step)
      return values
        ? [{ ...own, metric: `batch ${key}`, along: 'step', at: null, values, theory: null, isOwn: false }]
        : []
    })
    return [...byBlock, ...onBatches]
  })
}

/** The learning curves of a comparison of depths, the one under way when it was stopped included. */
function cells(facts: readonly SeriesFacts[], result: unknown, n: number): MetricCurve[] {
  const { cells: done, unfinished } = fieldsOf(result)
  return [...listOf(done), ...(unfinished ? [unfinished] : [])].map(fieldsOf).flatMap((cell) => {
    const { series, depth } = cell
    const own = typeof series === 'number' ? facts[series] : undefined
    if (!own || typeof depth !== 'number') return []
    return learningCurves(cell, { series: own.series, name: own.name, n }).map((curve): MetricCurve => ({
      ...{ ...own, blocks: depth, metric: curve.quantity, along: 'step', values: valuesOf(curve) },
      ...{ at: { place: 'depth', value: depth }, theory: null, isOwn: curve.quantity === 'learning rate' },
    }))
  })
}

const valuesOf = ({ x, mean, median, low, high, networks, n }: RunCurve): Values => ({
  ...{ x, mean, median, low, high, networks, n },
})

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

/** A summary over networks; null where it is none. @param xAt of an index */
function summaryOf(value: unknown, n: number, xAt: (i: number) => number): Values | null {
  const { mean, median, low, high } = fieldsOf(value)
  const means = numbersIn(mean)
  if (!means) return null
  const asLong = (list: unknown) => {
    const found = numbersIn(list)
    return found?.length === means.length ? found : null
  }
  return {
    ...{ x: means.map((_, i) => xAt(i)), mean: means, median: asLong(median), low: asLong(low) },
    ...{ high: asLong(high), networks: null, n },
  }
}

// ---- What the metrics mean ----------------------------------------------------------------------------------------

/** Of those that are in no chart of curves along an axis. */
const MEANINGS: Readonly<Record<string, string>> = {
  updateRatio:
    '‖Δw‖/‖w‖ of the update that comes next, Euclidean norms over the weights of all linear layers of the block.',
  'batch loss': 'Loss on the batch of the step, label smoothing included.',
  'batch accuracy': 'Share of correct answers on the batch of the step; of real targets 1 − the loss.',
  norm: 'Frobenius norm of the sum of all terms of this length.',
  energy: 'Squared Frobenius norm of a single term of this length, estimated on random paths.',
}

function meaningOf({ metric, along, at }: MetricCurve, isReal: boolean): MetricMeaning {
  const axis = along === 'k' ? 'block' : (along ?? '')
  // A comparison of depths has its learning curves, which mean what a training's do.
  const named = curveNamed(curveKey(metric, axis)) ?? (at ? undefined : curveNamed(curveKey(metric, 'block')))
  const own = NUMBERS.find(({ key, from }) => key === metric && !from)
  const meaning = named?.definition ?? own?.definition ?? MEANINGS[metric] ?? ''
  return { metric, unit: unitOf(metric, isReal), meaning }
}

const unitOf = (metric: string, isReal: boolean): string =>
  metric === 'seconds' ? 's' : /loss$/.test(metric) ? lossUnit(isReal) : '1'

/** Whether the samples have real targets. */
function isOfTargets({ experiment }: RunDocument): boolean {
  try {
    return isRegression(describedData(experiment))
  } catch {
    // A data set that this machine does not know: those of the table, which have real targets, are always known.
    return false
  }
}
