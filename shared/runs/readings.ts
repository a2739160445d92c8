import { changedRemedies } from '../block/remedies'
import { batchesPerEpoch } from '../network/schedule'
import { networkTitle } from '../network/series-names'
import { summarisePoint } from '../numerics/statistics'
import { curvesOf, fieldsOf, seriesIn, type RunCurve } from './curves'
import { NUMBERS, curveKey, type Reduction } from './metrics'
import type { RunDocument, RunEntry } from './run'
import { networksOf } from './summary'

/** Values over networks at each place of an axis. */
export interface Values {
  x: readonly number[]
  mean: readonly number[]
  /** Null where a run keeps none. */
  median: readonly number[] | null
  /** Where the run's own band begins and ends; null: it has none. */
  low: readonly number[] | null
  high: readonly number[] | null
  /** [place][network]; null where a run keeps only what was summarised. */
  networks: readonly (readonly number[])[] | null
  /** Networks. */
  n: number
}

/** One series of one run, as a comparison reads it: all that was measured of these networks. */
export interface SeriesReading {
  run: Pick<RunEntry, 'id' | 'name' | 'kind' | 'created'>
  /** Unique among the series of all runs. */
  key: string
  /** Of the networks: "Type 2 + batch norm". */
  name: string
  /** The run's settings with this series' own block, remedy and skip. */
  settings: Readonly<Record<string, string | number>>
  curves: Readonly<Record<string, Values>>
  /** What is measured as one number a network, or a series. */
  numbers: Readonly<Record<string, Values>>
  /** Updates in an epoch; null where nothing was trained. */
  stepsPerEpoch: number | null
  /** Seconds that an update took on average; null where it is not known. */
  secondsPerStep: number | null
}

/** The series of a run with what was measured of them. */
export function readRun({ entry, experiment, environment, result }: RunDocument): SeriesReading[] {
  const { id, name, kind, created } = entry
  const n = networksOf(kind, experiment)
  const curves = curvesOf(kind, result, n)
  const { steps } = fieldsOf(result)
  return seriesIn(result).map((series, i) => {
    const own = curves.filter((one) => one.series === i)
    const measured = Object.fromEntries(own.map((one) => [curveKey(one.quantity, one.axis), valuesOf(one)]))
    const networks = networksOfSeries(series, experiment)
    const { block, remedy, skip, blocks } = networks
    const seconds = numberIn(series.seconds)
    const isChanged = changedRemedies([remedy], environment?.remedies ?? {}).length > 0
    const earlier = isChanged ? ' (as it was)' : ''
    return {
      run: { id, name, kind, created },
      key: [id, block, remedy, skip, blocks].join('/'),
      name: (typeof series.reference === 'string' ? series.reference : networkTitle(networks)) + earlier,
      settings: { ...entry.settings, block, remedy: remedy + earlier, skip, blocks, run: id },
      curves: measured,
      numbers: { ...ownNumbers(series, n), ...readOff(measured) },
      stepsPerEpoch: kind === 'train' ? batchesPerEpoch(experiment.batch, experiment) : null,
      secondsPerStep: kind === 'train' && seconds && typeof steps === 'number' ? seconds / steps : null,
    }
  })
}

type Fields = Record<string, unknown>

const numberIn = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/** What a series says of its networks; the rest is the experiment's. */
function networksOfSeries(series: Fields, experiment: RunDocument['experiment']) {
  const { block, blockTitle, remedy, skip, blocks } = series
  return {
    block: typeof block === 'string' ? block : '',
    blockTitle: typeof blockTitle === 'string' ? blockTitle : undefined,
    remedy: typeof remedy === 'string' ? remedy : 'none',
    skip: skip === 'on' || skip === 'off' ? skip : experiment.skip,
    blocks: numberIn(blocks) ?? experiment.blocks,
  }
}

const valuesOf = ({ x, mean, median, low, high, networks, n }: RunCurve): Values => ({
  ...{ x, mean, median, low, high, networks, n: networks?.[0]?.length ?? n },
})

function ownNumbers({ seconds, parameters, correlation, correlationBand }: Fields, n: number) {
  const numbers: Record<string, Values> = {}
  const band = fieldsOf(correlationBand)
  const [low, high] = [numberIn(band.low), numberIn(band.high)]
  const add = (key: string, value: unknown, own: Partial<Values> = {}) => {
    if (typeof value !== 'number') return
    numbers[key] = {
      x: [0],
      mean: [value],
      median: null,
      low: null,
      high: null,
      networks: null,
      n: 1,
      ...own,
    }
  }
  add('seconds', seconds)
  add('parameters', parameters)
  add('correlation', correlation, { n, ...(low !== null && high !== null && { low: [low], high: [high] }) })
  return numbers
}

// ---- Values -------------------------------------------------------------------------------------------------------

/** @param networks [place][network] */
export function overNetworks(x: readonly number[], networks: readonly (readonly number[])[]): Values {
  const points = networks.map((values) => summarisePoint(values))
  const of = (key: 'mean' | 'median' | 'low' | 'high') => points.map((point) => point[key])
  return {
    ...{ x, mean: of('mean'), median: of('median'), low: of('low'), high: of('high') },
    ...{ networks, n: networks[0]?.length ?? 0 },
  }
}

/** Numbers that are one value of a curve: of each network its own, where they are known. */
function readOff(curves: Readonly<Record<string, Values>>): Record<string, Values> {
  const numbers: Record<string, Values> = {}
  for (const { key, from } of NUMBERS) {
    const values = from && curves[from.curve]
    if (values?.x.length) numbers[key] = reduced(values, from!.of)
  }
  return numbers
}

function reduced(values: Values, of: Reduction): Values {
  const { networks, mean, median, low, high, n } = values
  if (networks) {
    const own = networks[0].map((_, network) => {
      const along = networks.map((place) => place[network])
      return along[placeIn(along, of)]
    })
    return overNetworks([0], [own])
  }
  const at = placeIn(mean, of)
  const one = (list: readonly number[] | null) => list && [list[at]]
  return {
    ...{ x: [0], mean: [mean[at]], median: one(median), low: one(low), high: one(high) },
    ...{ networks: null, n },
  }
}

/** Where that value stands; the least passes over what is not a number. */
function placeIn(values: readonly number[], of: Reduction): number {
  if (of === 'first') return 0
  if (of === 'last') return values.length - 1
  return values.reduce(
    (least, value, at) => (value < values[least] || Number.isNaN(values[least]) ? at : least),
    0,
  )
}
