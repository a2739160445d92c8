import { outputShape, type PlannedBlock } from '../network/plan'
import { operationOf } from '../operations'
import type { FiniteWidth } from './finite-width'
import type { Theory } from './series'
import { PERCENTILE_95, type LogSpread, type SignedSpread } from './spreads'

/**
 * Of a logarithm's deviation: 90 % of networks lie within a factor of 2 of the median. That is what a block without a
 * remedy multiplies by, so that less does not hide what one block does, and the band that is drawn says enough.
 */
const SCATTER = Math.log(2) / PERCENTILE_95
/** Of the median, or the mean over networks. */
const NEAR = 0.1
/** A larger batch may leave its limit by more than the one that was drawn: less is enough to speak. */
const NEARER = 0.05

/**
 * How single networks leave the limit, or may, in sentences; null: they do not by much.
 * @param smaller where networks of a smaller batch were drawn, whose limit `theory` is: its size
 */
export function finiteWidthRemark(
  theory: Theory,
  found: FiniteWidth,
  smaller: number | null = null,
): string | null {
  const { near, curve } = measuredBy(smaller)
  const which =
    smaller === null
      ? 'Networks of this width'
      : `Networks of this width with batches of ${smaller}, the largest that there is time to draw,`
  const said = saidOf(theory, found, smaller)
  const law = `(law of ${found.networks} networks drawn layer by layer)`
  const all = (what: keyof Said) => said.flatMap((one) => one[what] ?? []).join('; ')
  const [clauses, doubts] = [all('clause'), all('doubt')]
  const sentences = [
    ...(clauses ? [`${which} leave ${smaller === null ? 'the' : 'their'} limit: ${clauses} ${law}.`] : []),
    ...(doubts ? [`${which} may be ${tenth(near)} off ${curve} on average: ${doubts} ${law}.`] : []),
  ]
  return sentences.length ? sentences.join(' ') : null
}

/**
 * Whether so few networks leave open if they leave the limit; `smaller` as of `finiteWidthRemark`. Where they do in one
 * quantity, how near they are in another is worth no more time.
 */
export function leavesDoubt(theory: Theory, found: FiniteWidth, smaller: number | null = null): boolean {
  const said = saidOf(theory, found, smaller)
  return said.every(({ clause }) => clause === null) && said.some(({ doubt }) => doubt !== null)
}

/** How near is near enough, and what the limit is called. */
const measuredBy = (smaller: number | null): Omit<About, 'name'> =>
  smaller === null ? { near: NEAR, curve: 'this curve' } : { near: NEARER, curve: 'their limit' }

/** Of q, v, m and p, where there is a limit. */
function saidOf(theory: Theory, { q, v, m, p }: FiniteWidth, smaller: number | null): Said[] {
  const about = measuredBy(smaller)
  return [
    ...(theory.q ? [ofLog({ name: 'q', ...about }, theory.q, q)] : []),
    ...(theory.v ? [ofLog({ name: 'v', ...about }, theory.v, v)] : []),
    ...(theory.m ? [ofSigned({ name: 'm', ...about }, theory, m)] : []),
    ...(theory.p ? [ofLog({ name: 'p', ...about }, theory.p, p)] : []),
  ]
}

const tenth = (near: number) => (near === NEAR ? 'a tenth' : `${100 * near} %`)

/**
 * What a layer behind a ReLU adds to the variance of ln q, times its units: in type 2, where samples have become alike,
 * the most of what is known (docs/formulas.md). Norms take of it, positions and unlike samples too.
 */
const SCATTER_PER_LAYER = 5.44

/**
 * Where single networks are not drawn: how far they may scatter; null: not by more than is worth a word, or there is no
 * limit.
 * @param why a clause
 */
export function undrawnRemark(theory: Theory, plan: readonly PlannedBlock[], why: string): string | null {
  if (!theory.q) return null
  const width = Math.min(...plan.map((planned) => outputShape(planned).units))
  const layers = plan.reduce((sum, planned) => sum + layersOf(planned), 0)
  const deviation = Math.sqrt((SCATTER_PER_LAYER * layers) / width)
  if (deviation < SCATTER) return null
  return (
    `Networks of ${width} units and ${layers} layers in a row may leave the limit: ones of ReLUs without norms ` +
    `scatter, 90 % within a factor of ${short(Math.exp(PERCENTILE_95 * deviation))} of the median in q ` +
    `(${SCATTER_PER_LAYER} layers/units in the variance of ln q); how far these do is not drawn (${why}).`
  )
}

/** Layers on the longest way through a block. */
function layersOf({ graph }: PlannedBlock): number {
  const found = new Map<string, number>()
  for (const node of graph.nodes) {
    const before = Math.max(0, ...node.inputs.map((input) => found.get(input!) ?? 0))
    found.set(node.id, before + (operationOf(node).kind === 'linear' ? 1 : 0))
  }
  return found.get(graph.output) ?? 0
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
