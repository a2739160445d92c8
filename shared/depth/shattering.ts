/** Whether shattered gradients go with bad training: networks of all depths, with and without skip connections. */
import { formatNumber } from '../base/format'
import { rankCorrelation, type RankCorrelation } from '../numerics/rank-correlation'
import type { Shattering } from '../network/results'
import { summarisePoint, type PointSummary } from '../numerics/statistics'
import type { DepthCell } from './results'

interface Cells {
  cells: readonly DepthCell[]
}

/** When gradients were measured: before the first update, or after the last. */
export type ShatteringMoment = 'initial' | 'final'

export const SHATTERING_MOMENTS: readonly ShatteringMoment[] = ['initial', 'final']

/** One trained network. */
export interface ShatteringPoint {
  series: number
  depth: number
  /** Which of the cell's, from 0: its seed's. */
  network: number
  /** The gradient correlation. */
  correlation: number
  /** Training error after the last update, 0..1. */
  error: number
}

/** Gradients of a cell's networks; null where they were not measured, as in older runs. */
export function shatteringAt(
  { evaluations: { shattering } }: Pick<DepthCell, 'evaluations'>,
  moment: ShatteringMoment,
): Shattering | null {
  return shattering?.at(moment === 'initial' ? 0 : -1) ?? null
}

/**
 * Every network once, also where two curves share it. Those whose correlation or error is no number are left out:
 * diverged ones, and ones whose derivatives are all 0.
 */
export function shatteringPoints({ cells }: Cells, moment: ShatteringMoment): ShatteringPoint[] {
  const seen = new Set<string>()
  return cells.flatMap(({ series, depth, evaluations }) => {
    const correlations = shatteringAt({ evaluations }, moment)?.correlation ?? []
    const errors = evaluations.train.error.at(-1) ?? []
    const key = JSON.stringify([depth, evaluations])
    if (seen.has(key)) return []
    seen.add(key)
    return correlations
      .map((correlation, network) => ({ series, depth, network, correlation, error: errors[network] }))
      .filter(({ correlation, error }) => Number.isFinite(correlation) && Number.isFinite(error))
  })
}

/** A rank correlation over networks of so many cells: those of one cell are alike. */
interface ShatteringRank extends RankCorrelation {
  cells: number
}

/** Spearman's, of final training error and gradient correlation at each moment; null for fewer than three networks. */
export function shatteringRanks(cells: Cells): Record<ShatteringMoment, ShatteringRank | null> {
  const of = (moment: ShatteringMoment) => {
    const points = shatteringPoints(cells, moment)
    if (points.length < 3) return null
    const ranked = rankCorrelation(
      points.map(({ correlation }) => correlation),
      points.map(({ error }) => error),
    )
    return { ...ranked, cells: new Set(points.map(({ series, depth }) => `${series}/${depth}`)).size }
  }
  return { initial: of('initial'), final: of('final') }
}

/** Of the standard error of a rank correlation of unrelated lists of n, 1/√(n - 1); n is the cells'. */
const STANDARD_ERRORS = 2

/** The claim as these networks bear it out or not. Empty while there are too few. */
export function shatteringFinding(cells: Cells): string {
  const ranks = shatteringRanks(cells)
  const known = SHATTERING_MOMENTS.flatMap((moment) => {
    const own = ranks[moment]
    return own && Number.isFinite(own.rho) ? [{ moment, ...own }] : []
  })
  if (!known.length) return ''
  const values = known.map(
    ({ moment, rho, n }) =>
      `${formatNumber(rho)} ${moment === 'initial' ? 'at initialisation' : 'after training'} (n = ${n})`,
  )
  const orders = known.map(({ rho, cells: kinds }) =>
    Math.abs(rho) * Math.sqrt(kinds - 1) > STANDARD_ERRORS ? Math.sign(rho) : 0,
  )
  return (
    `${meaningOf(orders)} Spearman’s rank correlation of final training error and gradient correlation: ` +
    `${values.join(', ')}.`
  )
}

/** @param orders the sign at each moment, 0 where chance gives as much */
function meaningOf(orders: readonly number[]): string {
  const isOne = (sign: number) => orders.every((order) => order === sign)
  if (isOne(-1)) return 'Networks with more shattered gradients tend to err more.'
  if (isOne(1)) return 'Networks with more shattered gradients tend to err less.'
  if (isOne(0)) return 'No order is seen beyond what chance gives among so few kinds of networks.'
  const words = ['tend to err less', 'show no order', 'tend to err more']
  const [initial, final] = orders.map((order) => words[1 - order])
  return (
    `Networks with more shattered gradients at initialisation ${initial}; with those after training, they ` +
    `${final}.`
  )
}

/** Gradient correlations of a cell over its networks; null where they were not measured. */
export function correlationOf(
  cell: Pick<DepthCell, 'evaluations'>,
  moment: ShatteringMoment,
): PointSummary | null {
  const found = shatteringAt(cell, moment)
  return found && summarisePoint(found.correlation)
}
