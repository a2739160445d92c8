import { formatNumber, joinWords } from '../base/format'
import { SETTINGS } from '../settings/table'
import { AXIS_TITLES, curveNamed, numberNamed, type AxisKey } from './metrics'
import type { SeriesReading, Values } from './readings'
import { grouped, type Band, type Centre } from './statistics'

/** What learning curves of different runs are laid over each other by. */
export type Alignment = 'step' | 'epoch' | 'time'

export const ALIGNMENTS: readonly { value: Alignment; label: string; definition: string }[] = [
  { value: 'step', label: 'step', definition: 'After as many updates.' },
  { value: 'epoch', label: 'epoch', definition: 'After as many passes over the training samples.' },
  {
    value: 'time',
    label: 'time',
    definition:
      'After as many seconds of training, spread evenly over the updates of a series; between two evaluations ' +
      'the line is straight.',
  },
]

/**
 * What a comparison draws. `x`: "axis" is what the curve runs along; else a curve or a number by its key, or a setting
 * as "setting:width".
 */
export interface ComparisonQuestion {
  y: string
  x: string
  align: Alignment
  /** "series" puts every series by itself, "name" those of equal networks together, else a setting does. */
  groupBy: string
  centre: Centre
  band: Band
}

export interface ComparedPoint {
  x: number
  y: number
  low?: number
  high?: number
  n: number
}

export interface ComparedLine {
  key: string
  label: string
  members: readonly SeriesReading[]
  points: readonly ComparedPoint[]
}

export interface Comparison {
  lines: readonly ComparedLine[]
  xLabel: string
  yLabel: string
  /** Whether points stand alone: nothing lies between two settings, so lines there only lead the eye. */
  isScattered: boolean
  /** "n = 5 networks", "n = 2 to 5 runs". */
  nText: string
  /** Series that have no such numbers, by what they are called. */
  left: readonly string[]
}

/** Any metric against its axis, another metric, or a setting; grouped, with bands. */
export function compare(readings: readonly SeriesReading[], question: ComparisonQuestion): Comparison {
  const { y, x, groupBy, centre, band } = question
  const pairs = readings.map((one) => ({ one, points: pointsOf(one, question) }))
  const found = pairs.filter(({ points }) => points !== null)
  const left = pairs.filter(({ points }) => points === null).map(({ one }) => `${one.run.name}: ${one.name}`)
  const groups = new Map<string, { one: SeriesReading; points: Pair[] }[]>()
  for (const { one, points } of found) {
    const key = groupKey(one, groupBy)
    groups.set(key, [...(groups.get(key) ?? []), { one, points: points! }])
  }
  const isCurve = curveNamed(y) !== undefined
  const isTime = x === 'axis' && question.align === 'time' && curveNamed(y)?.axis === 'step'
  const lines = [...groups].map(([key, members]): ComparedLine => {
    const reading = { isAlone: members.length === 1, centre, band }
    const resampled = isTime && members.length > 1 ? onOneGrid(members.map(({ points }) => points)) : null
    const all = resampled ?? members.map(({ points }) => points)
    return {
      key,
      label: labelOf(
        key,
        members.map(({ one }) => one),
        groupBy,
        readings,
      ),
      members: members.map(({ one }) => one),
      points: isCurve && x !== 'axis' ? byPlace(all, reading) : byX(all, reading),
    }
  })
  return {
    lines,
    xLabel: xLabelOf(question),
    yLabel: titleOf(y),
    isScattered: !isCurve,
    nText: nTextOf(lines),
    left,
  }
}

/** A metric's title, whichever kind it is. */
export const titleOf = (key: string): string => curveNamed(key)?.title ?? numberNamed(key)?.title ?? key

// ---- Points of one series -----------------------------------------------------------------------------------------

/** One place of a series: its values over networks where they are known, else the mean with the run's own band. */
interface Pair {
  x: number
  y: number
  networks: readonly number[] | null
  low: number | null
  high: number | null
  n: number
}

/** Null where the series has no such numbers. */
function pointsOf(one: SeriesReading, { y, x, align }: ComparisonQuestion): Pair[] | null {
  const values = one.curves[y] ?? one.numbers[y]
  if (!values?.mean.length) return null
  const places = placesOf(one, values, { y, x, align })
  if (!places) return null
  return values.mean.map((mean, i) => ({
    x: places[i],
    y: mean,
    networks: values.networks?.[i] ?? null,
    low: values.low?.[i] ?? null,
    high: values.high?.[i] ?? null,
    n: values.n,
  }))
}

function placesOf(
  one: SeriesReading,
  values: Values,
  { y, x, align }: Pick<ComparisonQuestion, 'y' | 'x' | 'align'>,
): readonly number[] | null {
  const axis = curveNamed(y)?.axis
  if (x === 'axis') return axis === 'step' ? aligned(one, values.x, align) : axis ? values.x : null
  if (x.startsWith('setting:')) {
    const setting = Number(one.settings[x.slice('setting:'.length)] ?? NaN)
    return Number.isNaN(setting) ? null : values.mean.map(() => setting)
  }
  const other = one.curves[x] ?? one.numbers[x]
  if (!other) return null
  if (other.mean.length === values.mean.length) return other.mean
  return other.mean.length === 1 ? values.mean.map(() => other.mean[0]) : null
}

function aligned(one: SeriesReading, steps: readonly number[], align: Alignment): readonly number[] | null {
  if (align === 'step') return steps
  const unit = align === 'epoch' ? one.stepsPerEpoch : one.secondsPerStep
  if (unit === null) return null
  return steps.map((step) => (align === 'epoch' ? step / unit : step * unit))
}

// ---- Groups -------------------------------------------------------------------------------------------------------

function groupKey(one: SeriesReading, groupBy: string): string {
  if (groupBy === 'series') return one.key
  if (groupBy === 'name') return one.name
  return String(one.settings[groupBy] ?? 'none')
}

/** Enough of it to tell the groups apart. */
function labelOf(
  key: string,
  members: readonly SeriesReading[],
  groupBy: string,
  all: readonly SeriesReading[],
): string {
  const [first] = members
  if (groupBy === 'series') {
    const isOneRun = all.every(({ run }) => run.id === first.run.id)
    return isOneRun ? first.name : `${first.run.name}: ${first.name}`
  }
  if (groupBy === 'name') return key
  if (groupBy === 'run') return first.run.name
  if (groupBy === 'block' || groupBy === 'remedy') return key
  return `${groupBy} ${key}`
}

/** All values of a group at one x: those of networks where every member has them, else one mean a series. */
function pointAt(x: number, points: readonly Pair[], { isAlone, centre, band }: Reading): ComparedPoint {
  const [only] = points
  if (points.every(({ networks }) => networks !== null))
    return {
      x,
      ...grouped(
        points.flatMap(({ networks }) => [...networks!]),
        centre,
        band,
      ),
    }
  if (!isAlone)
    return {
      x,
      ...grouped(
        points.map(({ y }) => y),
        centre,
        band,
      ),
    }
  const own = band === 'none' || only.low === null ? {} : { low: only.low, high: only.high ?? only.low }
  return { x, y: only.y, n: only.n, ...own }
}

/** How a group is read; alone in it, a series has the band and the n of its run. */
interface Reading {
  isAlone: boolean
  centre: Centre
  band: Band
}

/** At each x, the members that have a value there. */
function byX(members: readonly (readonly Pair[])[], reading: Reading): ComparedPoint[] {
  const places = new Map<number, Pair[]>()
  for (const point of members.flat()) places.set(point.x, [...(places.get(point.x) ?? []), point])
  return [...places].sort(([a], [b]) => a - b).map(([x, all]) => pointAt(x, all, reading))
}

/** Where x is measured too: the first points together, then the second ones. */
function byPlace(members: readonly (readonly Pair[])[], reading: Reading): ComparedPoint[] {
  const longest = Math.max(...members.map(({ length }) => length))
  return Array.from({ length: longest }, (_, i) => {
    const all = members.flatMap((points) => points[i] ?? [])
    const x = grouped(
      all.map((point) => point.x),
      reading.centre,
      'none',
    ).y
    return pointAt(x, all, reading)
  })
}

/** Members whose x never coincide, on the x of the one with the most points, as far as all of them reach. */
function onOneGrid(members: readonly (readonly Pair[])[]): Pair[][] {
  const grid = members.reduce((most, points) => (points.length > most.length ? points : most), members[0])
  const end = Math.min(...members.map((points) => points[points.length - 1]?.x ?? 0))
  const places = grid.map(({ x }) => x).filter((x) => x <= end)
  return members.map((points) => places.map((x) => between(points, x)))
}

/** On the straight line between the two points beside x. */
function between(points: readonly Pair[], x: number): Pair {
  const after = points.findIndex((point) => point.x >= x)
  const [left, right] = [points[Math.max(0, after - 1)], points[after]]
  const share = right.x === left.x ? 1 : (x - left.x) / (right.x - left.x)
  const mix = (a: number, b: number) => (share === 1 ? b : share === 0 ? a : a + share * (b - a))
  const mixed = (a: number | null, b: number | null) => (a === null || b === null ? null : mix(a, b))
  return {
    x,
    y: mix(left.y, right.y),
    networks: left.networks && right.networks && right.networks.map((own, i) => mix(left.networks![i], own)),
    low: mixed(left.low, right.low),
    high: mixed(left.high, right.high),
    n: right.n,
  }
}

// ---- Words --------------------------------------------------------------------------------------------------------

function xLabelOf({ y, x, align }: ComparisonQuestion): string {
  if (x.startsWith('setting:')) return settingTitle(x.slice('setting:'.length))
  if (x !== 'axis') return titleOf(x)
  const axis: AxisKey = curveNamed(y)?.axis ?? 'step'
  if (axis !== 'step' || align === 'step') return AXIS_TITLES[axis]
  return align === 'epoch' ? 'epoch' : 'seconds of training'
}

export const settingTitle = (key: string): string => SETTINGS.find((one) => one.key === key)?.label ?? key

/** Of what n counts: networks where all values are theirs, else runs. */
function nTextOf(lines: readonly ComparedLine[]): string {
  const counts = lines.flatMap(({ points }) => points.map(({ n }) => n))
  if (!counts.length) return ''
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const areNetworks = lines.every(
    ({ members }) =>
      members.length === 1 ||
      members.every((one) =>
        Object.values({ ...one.curves, ...one.numbers }).some(({ networks }) => networks),
      ),
  )
  const what = areNetworks ? 'network' : 'series'
  const plural = what === 'series' || most === 1 ? what : `${what}s`
  return `n = ${least === most ? least : `${least} to ${most}`} ${plural}`
}

/** "fern-12: Type 2 and 2 more have no test error." Empty where all have. */
export function leftText(left: readonly string[], y: string): string {
  if (!left.length) return ''
  const named = left.length > 3 ? [...left.slice(0, 2), `${formatNumber(left.length - 2)} more`] : left
  return `${joinWords(named)} ${left.length === 1 ? 'has' : 'have'} no ${titleOf(y)}.`
}
