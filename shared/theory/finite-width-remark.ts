import { outputShape, type PlannedBlock } from '../network/plan'
import { PERCENTILE_95, type FiniteWidth, type Spread } from './finite-width'
import type { Theory } from './series'

/** Networks whose logarithm scatters less, and whose median is nearer, follow the limit well enough to say nothing. */
const SCATTER = 0.3
const NEAR = Math.log(1.1)

/** How single networks leave the limit, or may, in sentences; null: they do not by much. */
export function finiteWidthRemark(theory: Theory, { networks, q, p }: FiniteWidth): string | null {
  const known = [
    ...(theory.q ? [{ name: 'q at h', limit: theory.q, spread: q }] : []),
    ...(theory.p ? [{ name: 'p at h', limit: theory.p, spread: p }] : []),
  ].map((one) => ({ ...one, places: placesOf(one.limit, one.spread) }))
  const law = `(law of ${networks} networks drawn layer by layer)`
  const clauses = known.flatMap((one) => clauseOf(one) ?? [])
  const doubts = known.flatMap((one) => (clauseOf(one) ? [] : (doubtOf(one) ?? [])))
  const sentences = [
    ...(clauses.length
      ? [`At this width single networks leave the limit: ${clauses.join('; ')} ${law}.`]
      : []),
    ...(doubts.length
      ? [`Networks of this width may be a tenth off this curve on average: ${doubts.join('; ')} ${law}.`]
      : []),
  ]
  return sentences.length ? sentences.join(' ') : null
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

/** What single networks are at one place over blocks, in logarithms relative to the limit. */
interface Place {
  k: number
  /** Of their median. */
  apart: number
  /** Of their mean, were they log-normal. */
  meanApart: number
  deviation: number
  /** Standard error of the median. */
  error: number
}

/** Where the limit and single networks are finite. */
const placesOf = (limit: readonly number[], { median, logVariance, medianError }: Spread): Place[] =>
  limit
    .map((value, k): Place => {
      const apart = Math.log(median[k] / value)
      const deviation = Math.sqrt(logVariance[k])
      return { k, apart, meanApart: apart + logVariance[k] / 2, deviation, error: medianError[k] }
    })
    .filter(({ apart, deviation }) => Number.isFinite(apart) && Number.isFinite(deviation))

interface Known {
  name: string
  places: readonly Place[]
}

/** Standard errors beyond which a difference is one. */
const SURE = 3

const isApart = ({ apart, meanApart, error }: Place) =>
  [apart, meanApart].some((off) => Math.abs(off) > NEAR && Math.abs(off) > SURE * error)

const largest = (places: readonly Place[], of: (place: Place) => number): Place | null =>
  places.reduce<Place | null>((most, one) => (most === null || of(one) > of(most) ? one : most), null)

function clauseOf({ name, places }: Known): string | null {
  const speaking = places.filter((place) => isApart(place) || place.deviation >= SCATTER)
  const worst = largest(speaking, ({ apart, deviation }) => Math.abs(apart) + PERCENTILE_95 * deviation)
  if (!worst) return null
  const { k, apart, deviation } = worst
  const median = isApart(worst) ? `the median is ${short(Math.exp(apart))} of this curve, and ` : ''
  const factor = short(Math.exp(PERCENTILE_95 * deviation))
  return `${name}_${k}: ${median}90 % lie within a factor of ${factor} of the median`
}

/** Where so few networks cannot rule out that theirs is a tenth off. */
function doubtOf({ name, places }: Known): string | null {
  const reach = ({ meanApart, error }: Place) => Math.abs(meanApart) + SURE * error
  const worst = largest(
    places.filter((place) => reach(place) > NEAR),
    reach,
  )
  return worst && `${name}_${worst.k}: the median is known to ±${short(200 * worst.error)} %`
}

/** Two significant digits; near 1 as many as tell it from 1. */
function short(x: number): string {
  if (x >= 1e4 || x < 1e-3) return x.toExponential(1)
  return String(Number(x.toPrecision(x >= 0.9 && x < 1.1 ? 3 : 2)))
}
