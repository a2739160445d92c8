import type { Quantity } from '../theory/series'
import type { Summary } from '../numerics/statistics'
import { comfortable, edgeOf, extent, place, union, type Axis, type Edge, type Range } from './axis'
import type { Appearance } from './appearance'

/** One series of a chart: raw numbers and how it looks. */
export interface Curve {
  id: string
  label: string
  appearance: Appearance
  /** Over replicas, k = 0..L. */
  summary: Summary
  theory: readonly number[] | null
  /** Where single networks of the width are, in theory: 5th and 95th percentile. */
  theoryBand?: Pick<Summary, 'low' | 'high'> | null
  hidden: boolean
  /** Drawn beside what the chart is about, a curve of another run: a thin line without band and markers. */
  thin?: boolean
}

export type Statistic = 'mean' | 'median'

export interface Point {
  x: number
  y: number
}

/** A curve as the chart draws it. */
export interface Plotted {
  curve: Curve
  line: Point[]
  low: Point[]
  high: Point[]
  theory: Point[]
  /** Both edges, or none. */
  theoryBand: Point[][]
  edges: EdgeRun[]
}

/** Neighbouring blocks whose values have no place on the axis for the same reason. */
export interface EdgeRun {
  edge: Edge
  from: number
  to: number
}

export function plot(
  curve: Curve,
  statistic: Statistic,
  axis: Axis,
  measured: (k: number) => boolean,
): Plotted {
  const values = curve.summary[statistic]
  return {
    curve,
    line: points(values, axis),
    low: thinned(points(curve.summary.low, axis), Math.min),
    high: thinned(points(curve.summary.high, axis), Math.max),
    theory: curve.theory ? thinned(points(curve.theory, axis)) : [],
    theoryBand: curve.theoryBand
      ? [curve.theoryBand.low, curve.theoryBand.high].map((edge) => thinned(points(edge, axis)))
      : [],
    edges: edgeRuns(values, axis, measured),
  }
}

function points(values: readonly number[], axis: Axis): Point[] {
  return values.map((value, x) => ({ x, y: place(value, axis) }))
}

const memory = new WeakMap<object, Map<string, Plotted>>()

/** What was plotted of a series stays as long as the series does not change. */
export function remembered(series: object, key: string, make: () => Plotted): Plotted {
  const known = memory.get(series) ?? new Map<string, Plotted>()
  memory.set(series, known)
  const plotted = known.get(key) ?? make()
  known.set(key, plotted)
  return plotted
}

/** @param measured whether block k has been measured yet: NaN is a result only then */
export function edgeRuns(values: readonly number[], axis: Axis, measured: (k: number) => boolean): EdgeRun[] {
  const runs: EdgeRun[] = []
  for (let k = 0; k < values.length; k++) {
    const edge = measured(k) ? edgeOf(values[k], axis) : null
    const last = runs[runs.length - 1]
    if (!edge) continue
    if (last && last.edge === edge && last.to === k - 1) last.to = k
    else runs.push({ edge, from: k, to: k })
  }
  return runs
}

/**
 * The range of places that curves need. Theory counts where nothing has been measured yet, so that a running
 * measurement does not move the axis.
 */
export function rangeOf(
  curves: readonly Curve[],
  statistic: Statistic,
  axis: Axis,
  from = 0,
  to = Infinity,
): Range | null {
  let range: Range | null = null
  for (const { summary, theory, hidden } of curves) {
    if (hidden) continue
    for (const values of [summary[statistic], summary.low, summary.high, theory ?? []]) {
      range = union(range, extent(values.slice(from, to === Infinity ? undefined : to + 1), axis))
    }
  }
  return range
}

/** Smooth curves need no more points than this. */
const MOST_POINTS = 300

/** Every few points of a smooth curve, the last included; of a band's edge the outermost of each few. */
export function thinned(points: readonly Point[], outermost?: (a: number, b: number) => number): Point[] {
  const stride = Math.ceil(points.length / MOST_POINTS)
  if (stride <= 1) return points as Point[]
  const kept: Point[] = []
  for (let from = 0; from < points.length; from += stride) {
    const end = Math.min(from + stride, points.length)
    let { y } = points[from]
    for (let k = from + 1; outermost && k < end; k++)
      if (!Number.isNaN(points[k].y)) y = Number.isNaN(y) ? points[k].y : outermost(y, points[k].y)
    kept.push({ x: points[from].x, y })
  }
  const last = points[points.length - 1]
  if (kept[kept.length - 1].x !== last.x) kept.push(last)
  return kept
}

export type Scale = 'block' | 'run' | 'all'

/** Blocks beside the selected one that "this block" shows. */
export const NEIGHBOURS = 4

export function axisRange(
  scale: Scale,
  curves: readonly Curve[],
  kept: readonly Range[],
  statistic: Statistic,
  axis: Axis,
  block: number,
): Range {
  if (scale === 'block') {
    return comfortable(
      rangeOf(curves, statistic, axis, Math.max(0, block - NEIGHBOURS), block + NEIGHBOURS),
      axis,
    )
  }
  const own = rangeOf(curves, statistic, axis)
  return comfortable(scale === 'all' ? kept.reduce<Range | null>(union, own) : own, axis)
}

/** Groups of curves that lie on each other everywhere they can be compared (`within` on the axis). */
export function coincident(plotted: readonly Plotted[], within: number): Plotted[][] {
  const groups: Plotted[][] = []
  for (const one of plotted) {
    const group = groups.find(([first]) => liesOn(first, one, within))
    if (group) group.push(one)
    else groups.push([one])
  }
  return groups
}

function liesOn(a: Plotted, b: Plotted, within: number): boolean {
  let compared = 0
  for (let k = 0; k < a.line.length; k++) {
    const [one, other] = [a.line[k].y, b.line[k]?.y]
    if (Number.isNaN(one) !== Number.isNaN(other)) return false
    if (Number.isNaN(one)) continue
    if (Math.abs(one - other) > within) return false
    compared++
  }
  return compared > 1
}

export const SIGNED: Record<Quantity, boolean> = { q: false, v: false, m: true, p: false }
