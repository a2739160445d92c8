import { outputShape, type PlannedBlock } from '../network/plan'
import { PERCENTILE_95, type FiniteWidth, type Spread } from './finite-width'
import type { Theory } from './series'

/** Networks whose logarithm scatters less, and whose median is nearer, follow the limit well enough to say nothing. */
const SCATTER = 0.3
const NEAR = Math.log(1.1)

/** How single networks leave the limit, in a sentence; null: they do not by much. */
export function finiteWidthRemark(theory: Theory, { networks, q, p }: FiniteWidth): string | null {
  const clauses = [
    ...(theory.q ? [clauseOf('q at h', theory.q, q)] : []),
    ...(theory.p ? [clauseOf('p at h', theory.p, p)] : []),
  ].filter((clause) => clause !== null)
  if (!clauses.length) return null
  return (
    `At this width single networks leave the limit: ${clauses.join('; ')} ` +
    `(law of ${networks} networks drawn layer by layer).`
  )
}

/** Networks follow the limit well where they are so many times wider than deep. */
const WIDE = 50

/**
 * Where single networks are not drawn: that they may leave the limit, unless they are wide; null: they are, or there is
 * no limit.
 * @param why a clause
 */
export function undrawnRemark(theory: Theory, plan: readonly PlannedBlock[], why: string): string | null {
  const width = Math.min(...plan.map((planned) => outputShape(planned).units))
  if (!theory.q || width >= WIDE * plan.length) return null
  return (
    `Networks of ${width} units and ${plan.length} blocks may leave the limit by much, which they follow where they ` +
    `are many times wider than deep; how far is not said (${why}).`
  )
}

function clauseOf(name: string, limit: readonly number[], spread: Spread): string | null {
  const off = spread.median.map((median, k) => Math.log(median / limit[k]))
  const worst = off.reduce(
    (at, value, k) => (distance(value, spread, k) > distance(off[at], spread, at) ? k : at),
    0,
  )
  const [apart, deviation] = [off[worst], Math.sqrt(spread.logVariance[worst])]
  if (!Number.isFinite(apart) || !Number.isFinite(deviation)) return null
  const isApart = Math.abs(apart) > NEAR && Math.abs(apart) > 3 * spread.medianError[worst]
  if (!isApart && deviation < SCATTER) return null
  const median = isApart ? `the median is ${short(Math.exp(apart))} of this curve, and ` : ''
  const factor = short(Math.exp(PERCENTILE_95 * deviation))
  return `${name}_${worst}: ${median}90 % lie within a factor of ${factor} of the median`
}

/** How far single networks may be from the limit, in the logarithm. */
const distance = (apart: number, { logVariance }: Spread, k: number) =>
  Math.abs(apart) + PERCENTILE_95 * Math.sqrt(logVariance[k])

const short = (x: number) => (x >= 1e4 || x < 1e-3 ? x.toExponential(1) : String(Number(x.toPrecision(2))))
