import { outputShape, type PlannedBlock } from '../network/plan'
import type { FiniteWidth } from './finite-width'
import type { Theory } from './series'
import { PERCENTILE_95, type LogSpread, type SignedSpread } from './spreads'

/** Networks whose logarithm scatters less, and whose median is nearer, follow the limit well enough to say nothing. */
const SCATTER = 0.3
const NEAR = 0.1
/** A larger batch may leave its limit by more than the one that was drawn: less is enough to speak. */
const NEARER = 0.05

/**
 * How single networks leave the limit, or may, in sentences; null: they do not by much.
 * @param smaller where networks of a smaller batch were drawn, whose limit `theory` is: its size
 */
export function finiteWidthRemark(
  theory: Theory,
  { networks, q, v, m, p }: FiniteWidth,
  smaller: number | null = null,
): string | null {
  const near = smaller === null ? NEAR : NEARER
  const curve = smaller === null ? 'this curve' : 'their limit'
  const which =
    smaller === null
      ? 'Networks of this width'
      : `Networks of this width with batches of ${smaller}, the largest that there is time to draw,`
  const logs = ([['q', theory.q, q], ['v', theory.v, v], ['p', theory.p, p]] as const) // prettier-ignore
    .map(([name, limit, spread]) => limit && ofLog({ name, curve, near }, limit, spread))
  const said = [...logs.slice(0, 2), theory.m && ofSigned({ name: 'm', curve, near }, theory, m), logs[2]]
  const law = `(law of ${networks} networks drawn layer by layer)`
  const all = (what: keyof Said) => said.flatMap((one) => one?.[what] ?? []).join('; ')
  const [clauses, doubts] = [all('clause'), all('doubt')]
  const sentences = [
    ...(clauses ? [`${which} leave ${smaller === null ? 'the' : 'their'} limit: ${clauses} ${law}.`] : []),
    ...(doubts ? [`${which} may be ${tenth(near)} off ${curve} on average: ${doubts} ${law}.`] : []),
  ]
  return sentences.length ? sentences.join(' ') : null
}

const tenth = (near: number) => (near === NEAR ? 'a tenth' : `${100 * near} %`)

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

interface About {
  name: string
  /** What the limit is called. */
  curve: string
  /** Relative. */
  near: number
}

/** Of one quantity, where it is most to be said. */
interface Said {
  /** How single networks leave the limit; null: they do not. */
  clause: string | null
  /** How well so few networks know that; null: well enough, or the clause says it. */
  doubt: string | null
}

/** Standard errors beyond which a difference is one. */
const SURE = 3

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

/** Of q, v and p. */
function ofLog({ name, curve, near }: About, limit: readonly number[], spread: LogSpread): Said {
  const { median, logVariance, medianError } = spread
  const far = Math.log(1 + near)
  const isApart = ({ apart, meanApart, error }: Place) =>
    [apart, meanApart].some((off) => Math.abs(off) > far && Math.abs(off) > SURE * error)
  const places = limit
    .map((value, k): Place => {
      const apart = Math.log(median[k] / value)
      const deviation = Math.sqrt(logVariance[k])
      return { k, apart, meanApart: apart + logVariance[k] / 2, deviation, error: medianError[k] }
    })
    // Where the limit and single networks are finite.
    .filter(({ apart, deviation }) => Number.isFinite(apart) && Number.isFinite(deviation))
  const worst = largest(
    places.filter((place) => isApart(place) || place.deviation >= SCATTER),
    ({ apart, deviation }) => Math.abs(apart) + PERCENTILE_95 * deviation,
  )
  if (worst) {
    const { k, apart, deviation } = worst
    const middle = isApart(worst) ? `the median is ${short(Math.exp(apart))} of ${curve}, and ` : ''
    const factor = short(Math.exp(PERCENTILE_95 * deviation))
    return {
      clause: `${name} at h_${k}: ${middle}90 % lie within a factor of ${factor} of the median`,
      doubt: null,
    }
  }
  const reach = ({ meanApart, error }: Place) => Math.abs(meanApart) + SURE * error
  const unsure = largest(
    places.filter((place) => reach(place) > far),
    reach,
  )
  return {
    clause: null,
    doubt: unsure && `${name} at h_${unsure.k}: the median is known to ±${short(200 * unsure.error)} %`,
  }
}

/** A limit of m this much smaller than √q is 0, or next to it. */
const NOTHING = 1e-3

/** Of m: where its limit is 0, so is the mean over networks, whose signs are by chance. */
function ofSigned({ name, curve, near }: About, { q, m: limit }: Theory, spread: SignedSpread): Said {
  const places = limit!
    .map((value, k) => ({
      k,
      value,
      ratio: spread.mean[k] / value,
      error: Math.abs(spread.meanError[k] / value),
    }))
    .filter(({ k, value }) => Math.abs(value) > NOTHING * Math.sqrt(q![k]))
    .filter(({ ratio, error }) => Number.isFinite(ratio) && Number.isFinite(error))
  const off = ({ ratio }: { ratio: number }) => Math.abs(ratio - 1)
  const worst = largest(
    places.filter((place) => off(place) > near && off(place) > SURE * place.error),
    off,
  )
  if (worst)
    return {
      clause: `${name} at h_${worst.k}: the mean over networks is ${short(worst.ratio)} of ${curve}`,
      doubt: null,
    }
  const reach = (place: { ratio: number; error: number }) => off(place) + SURE * place.error
  const unsure = largest(
    places.filter((place) => reach(place) > near),
    reach,
  )
  return {
    clause: null,
    doubt:
      unsure &&
      `${name} at h_${unsure.k}: the mean over networks is known to ±${short(200 * unsure.error)} %`,
  }
}

const largest = <T>(places: readonly T[], of: (place: T) => number): T | null =>
  places.reduce<T | null>((most, one) => (most === null || of(one) > of(most) ? one : most), null)

/** Two significant digits; near 1 as many as tell it from 1. */
function short(x: number): string {
  const size = Math.abs(x)
  if (size >= 1e4 || size < 1e-3) return x.toExponential(1)
  return String(Number(x.toPrecision(size >= 0.9 && size < 1.1 ? 3 : 2)))
}
