/** A run that was done again, held against what it was. */
import { formatNumber, joinWords } from '../base/format'
import { curvesOf, fieldsOf, unfinishedCurvesOf, type RunCurve } from './curves'
import type { RunKind } from './run'

export type Verdict = 'identical' | 'within tolerance' | 'different'

/** Where two results of one run differ first. */
export interface Difference {
  series: string
  quantity: string
  /** What `at` counts: "block", "step". */
  axis: string
  at: number
  was: number
  is: number
}

/** How a run came out when it was done again. */
export interface Verification {
  verdict: Verdict
  /** Null where they are identical. */
  where: Difference | null
  /** All of it in sentences, the tolerance included. */
  words: string
}

/** What is compared of a run. */
export interface Compared {
  result: unknown
  /** As people read it. */
  device: string
  version: string
  /** Its remedies that mean something else by now, in people's words; none of what is done now. */
  changedRemedies?: readonly string[]
}

/** Float32 sums in another order, through tens of blocks and hundreds of steps: measured relative differences. */
const RELATIVE = 1e-3
/** What is next to nothing beside the largest value of its curve differs by as much as that is rounded. */
const NEXT_TO_NOTHING = 1e-6
/** Of shares of samples: five in a thousand decide otherwise. */
const SHARE = 5e-3

/** All curves by which a run is held against another. @param n networks a series */
export const comparedCurves = (kind: RunKind, result: unknown, n: number): RunCurve[] => [
  ...curvesOf(kind, result, n),
  ...(kind === 'depth' ? unfinishedCurvesOf(result, n) : []),
]

/** Bit for bit where possible; else within what float32 makes of another order of sums. @param n networks a series */
export function verify(kind: RunKind, n: number, was: Compared, is: Compared): Verification {
  const [old, now] = [was, is].map(({ result }) => comparedCurves(kind, result, n))
  const isWhole = fieldsOf(was.result).finished !== false
  const all = old.flatMap((curve) => differencesOf(curve, partner(curve, now), isWhole))
  const beyond = earliest(all.filter(({ isBeyond }) => isBeyond))
  const first = beyond ?? earliest(all)
  const verdict: Verdict = beyond ? 'different' : first ? 'within tolerance' : 'identical'
  const where = first && differenceOf(first)
  const surroundings = surroundingsOf(was, is)
  return {
    verdict,
    where,
    words: [wordsOf(verdict, where, old.length), surroundings].filter(Boolean).join(' '),
  }
}

interface Found extends Difference {
  /** More than the tolerance. */
  isBeyond: boolean
}

const differenceOf = ({ isBeyond: _, ...difference }: Found): Difference => difference

/** Steps and blocks are gone through in their order; of those at one place, the first in the list. */
const earliest = (all: readonly Found[]): Found | null =>
  all.reduce<Found | null>((first, one) => (first && first.at <= one.at ? first : one), null)

const partner = ({ series, quantity, axis }: RunCurve, curves: readonly RunCurve[]) =>
  curves.find((one) => one.series === series && one.quantity === quantity && one.axis === axis)

/** @param isWhole whether it was done to its end; where it was not, what is no number was not measured */
function differencesOf(old: RunCurve, now: RunCurve | undefined, isWhole: boolean): Found[] {
  const { name: series, quantity, axis } = old
  if (!now) {
    const [at, was] = [old.x[0], old.mean[0]]
    return [{ ...{ series, quantity, axis, at, was, is: NaN }, isBeyond: true }]
  }
  // A training that was stopped has fewer places, and one of its own at its end.
  const places = new Map(now.x.map((x, i) => [x, i]))
  const largest = Math.max(0, ...old.mean.filter(Number.isFinite).map(Math.abs))
  return old.x.flatMap((at, i) => {
    const j = places.get(at)
    if (j === undefined) return []
    return pairsOf(old, now, i, j)
      .filter(([was, is]) => !Object.is(was, is) && (isWhole || !Number.isNaN(was)))
      .map(([was, is]) => ({
        ...{ series, quantity, axis, at, was, is },
        isBeyond: !isNear(was, is, quantity, largest),
      }))
      .slice(0, 1)
  })
}

/** Every number that both have at a place: each network's, or the statistics over them. */
function pairsOf(old: RunCurve, now: RunCurve, i: number, j: number): [number, number][] {
  const statistics = (['mean', 'median', 'low', 'high'] as const).flatMap((key): [number, number][] => {
    const [was, is] = [old[key]?.[i], now[key]?.[j]]
    return was === undefined || is === undefined ? [] : [[was, is]]
  })
  const [own, others] = [old.networks?.[i], now.networks?.[j]]
  const networks = own && others ? own.map((was, r): [number, number] => [was, others[r] ?? NaN]) : []
  return [...statistics, ...networks]
}

function isNear(was: number, is: number, quantity: string, largest: number): boolean {
  const distance = Math.abs(was - is)
  if (/ (error|accuracy)$|^accuracy$/.test(quantity)) return distance <= SHARE
  return distance <= RELATIVE * Math.max(Math.abs(was), Math.abs(is)) || distance <= NEXT_TO_NOTHING * largest
}

function wordsOf(verdict: Verdict, where: Difference | null, curves: number): string {
  if (!where) return `Identical: every number of its ${curves} curves is the same, bit for bit.`
  const { series, quantity, axis, at, was, is } = where
  const numbers = `${formatNumber(was, 7)} before, ${formatNumber(is, 7)} now`
  const place = `${quantity} of ${series} at ${axis} ${at} (${numbers})`
  const tolerance = `${RELATIVE} relative, and ${SHARE} of shares`
  return verdict === 'different'
    ? `Different: beyond tolerance (${tolerance}) first in ${place}.`
    : `Within tolerance (${tolerance}): the first difference is in ${place}.`
}

/** What else than chance may have made a difference. */
function surroundingsOf(was: Compared, is: Compared): string {
  const differs = [
    ...(was.device === is.device ? [] : [`on ${was.device}, now on ${is.device}`]),
    ...(was.version === is.version ? [] : [`by version ${was.version}, now by ${is.version}`]),
  ]
  const made = differs.length ? [`It was made ${differs.join('; ')}.`] : []
  const changed = was.changedRemedies ?? []
  const remedies = changed.length ? [`What ${joinWords(changed)} does has changed since.`] : []
  return [...made, ...remedies].join(' ')
}
