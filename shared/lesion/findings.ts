import { remedyTitle, shortTitle } from '../network/series-names'
import { formatNumber, joinWords } from '../base/format'
import type { Lesion } from './lesion'
import type { LesionKind } from '../settings/lesion'
import type { Classified, LesionOutcome, LesionResult, LesionSeries, LesionSpread } from './results'

/** What of a lesion's outcome is drawn. */
export type LesionMeasure = 'cosine' | LearnedMeasure

/** Of trained networks: on the test samples, and on the training samples. */
type LearnedMeasure = 'error' | 'loss' | 'train error' | 'train loss'

/** One curve of lesions: over the block that was changed, or over the number of deleted blocks. */
export interface LesionCurve {
  series: LesionSeries
  points: { x: number; mean: number; low: number; high: number }[]
  /** Of the intact networks; 1 for the cosine. */
  intact: number
}

/** The share of wrong answers, out of that of right ones. */
export const errorOf = ({ mean, low, high }: LesionSpread): LesionSpread => ({
  mean: 1 - mean,
  low: 1 - high,
  high: 1 - low,
})

function learned(classified: Classified | null | undefined, measure: LearnedMeasure): LesionSpread {
  const worth = measure.startsWith('train') ? classified?.training : classified
  if (!worth) return { mean: NaN, low: NaN, high: NaN }
  return measure.endsWith('loss') ? worth.loss : errorOf(worth.accuracy)
}

const spreadIn = ({ cosine, classified }: LesionOutcome, measure: LesionMeasure): LesionSpread =>
  measure === 'cosine' ? cosine : learned(classified, measure)

const intactOf = ({ intact }: LesionSeries, measure: LesionMeasure) =>
  measure === 'cosine' ? 1 : learned(intact, measure).mean

/** Every block in turn: x is the block. */
export function eachCurves(
  { lesions, each, series }: LesionResult,
  measure: LesionMeasure = 'cosine',
): LesionCurve[] {
  return series.map((one) => ({
    series: one,
    intact: intactOf(one, measure),
    points: one.outcomes
      .slice(0, each)
      .map((outcome, i) => ({ x: blocksOf(lesions[i])[0], ...spreadIn(outcome, measure) })),
  }))
}

/**
 * Random deletions: x is how many blocks were deleted; mean over the draws of the mean over networks, smallest and
 * largest over the draws.
 */
export function randomCurves(
  { lesions, each, series }: LesionResult,
  measure: LesionMeasure = 'cosine',
): LesionCurve[] {
  return series.map((one) => {
    const byCount = new Map<number, number[]>()
    one.outcomes.slice(each).forEach((outcome, i) => {
      const count = blocksOf(lesions[each + i]).length
      byCount.set(count, [...(byCount.get(count) ?? []), spreadIn(outcome, measure).mean])
    })
    const points = [...byCount].map(([x, means]) => ({
      x,
      mean: average(means),
      low: Math.min(...means),
      high: Math.max(...means),
    }))
    return { series: one, intact: intactOf(one, measure), points }
  })
}

const blocksOf = (lesion: Lesion) =>
  'delete' in lesion ? lesion.delete : 'duplicate' in lesion ? lesion.duplicate : lesion.permute

const average = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length

/** Curves of one graph coincide: the first stands for all. */
export function distinct<C extends { series: Pick<LesionSeries, 'graph'> }>(curves: readonly C[]): C[] {
  const keyOf = ({ series: { graph } }: C) => JSON.stringify([graph.nodes, graph.output])
  const keys = curves.map(keyOf)
  return curves.filter((_, i) => keys.indexOf(keys[i]) === i)
}

const nameOf = ({ block, blockTitle, remedy }: Pick<LesionSeries, 'block' | 'blockTitle' | 'remedy'>) => {
  const title = shortTitle(blockTitle || block)
  return remedy === 'none' ? title : `${title} with ${remedyTitle(remedy)}`
}

/** Mean over all points; NaN where any is. */
const level = ({ points }: LesionCurve) => average(points.map(({ mean }) => mean))

const DONE: Record<LesionKind, string> = {
  delete: 'deleting any one block',
  duplicate: 'running any one block twice',
  exchange: 'exchanging any two neighbouring blocks',
}

/** What changing any one block does, in residual networks next to plain ones. */
export function eachFinding(
  residual: readonly LesionCurve[],
  plain: readonly LesionCurve[],
  kind: LesionKind,
): string {
  const done = DONE[kind]
  const pairs = residual.flatMap((curve) => {
    const { block, remedy } = curve.series
    const other = plain.find(({ series }) => series.block === block && series.remedy === remedy)
    return other && curve.points.length && other.points.length
      ? [{ curve, here: level(curve), there: level(other) }]
      : []
  })
  const known = pairs.filter(({ here, there }) => Number.isFinite(here) && Number.isFinite(there))
  const apart = known.sort((a, b) => b.here - b.there - (a.here - a.there))[0]
  if (!apart) return single(residual, done)
  const sentence =
    `${nameOf(apart.curve.series)}: after ${done}, the output keeps a cosine of ` +
    `${formatNumber(apart.here)} to the intact one on average in the residual network, ` +
    `${formatNumber(apart.there)} in the plain one.`
  const weakest = weakestPoint(apart.curve)
  return `${sentence} The residual network depends most on block ${weakest.x} (${formatNumber(weakest.mean)}).`
}

function single(curves: readonly LesionCurve[], done: string): string {
  const curve = curves.find((one) => one.points.length && Number.isFinite(level(one)))
  if (!curve) return ''
  const weakest = weakestPoint(curve)
  return (
    `${nameOf(curve.series)}: after ${done}, the output keeps a cosine of ${formatNumber(level(curve))} on ` +
    `average; least at block ${weakest.x} (${formatNumber(weakest.mean)}).`
  )
}

const weakestPoint = ({ points }: LesionCurve) => points.reduce((a, b) => (b.mean < a.mean ? b : a))

/** What lesions do to the error of trained networks. @param samples whose error the curves are */
export function errorFinding(
  residual: readonly LesionCurve[],
  plain: readonly LesionCurve[],
  samples: 'test' | 'training' = 'test',
): string {
  const rises = [
    ...residual.map((curve) => ({ curve, kind: 'residual' })),
    ...plain.map((curve) => ({ curve, kind: 'plain' })),
  ]
    .map(({ curve, kind }) => ({ curve, kind, rise: level(curve) - curve.intact }))
    .filter(({ rise }) => Number.isFinite(rise))
    .sort((a, b) => a.rise - b.rise)
  const [least, most] = [rises[0], rises[rises.length - 1]]
  if (!least) return ''
  const percent = (share: number) => formatNumber(100 * share)
  const sentence = ({ curve, kind, rise }: typeof least) =>
    `${nameOf(curve.series)}, ${kind}: ${samples} error ${percent(curve.intact)} % when intact, ` +
    `${percent(rise)} points more after such a change on average.`
  return least === most ? sentence(least) : `Least lost: ${sentence(least)} Most: ${sentence(most)}`
}

/** Cosines of 0 and of 1 are as far apart as can be; these are one to float32 and to every chart. */
const SAME_COSINE = 1e-4
/** From here on different samples are called alike. */
const ALIKE = 0.9

/** Networks with and without lesions, and what stands before their names: "plain ". */
export interface LesionedNetworks {
  series: readonly LesionSeries[]
  kind?: string
}

/**
 * What must be known of cosines, each sentence where the numbers say so: that a remedy has left every cosine what it is
 * without one (in networks of positively homogeneous operations, a common factor changes no direction), and that
 * samples are so alike that a high cosine says little.
 */
export function cosineRemarks(networks: readonly LesionedNetworks[]): string[] {
  const unchanged = networks.flatMap(({ series, kind = '' }) =>
    series.flatMap((one) => {
      const bare = series.find(({ block, remedy }) => block === one.block && remedy === 'none')
      if (!bare || !isChanged(one, bare) || !haveSameCosines(one, bare)) return []
      return (
        `${kind}${nameOf(one)}: no cosine differs from that without ${remedyTitle(one.remedy)} by more than ` +
        `${SAME_COSINE}; it changes lengths and no direction.`
      )
    }),
  )
  const alike = networks.flatMap(({ series, kind = '' }) =>
    distinct(series.map((one) => ({ series: one }))).flatMap(({ series: one }) =>
      one.between && one.between.mean >= ALIKE
        ? [`${formatNumber(one.between.mean)} (${kind}${nameOf(one)})`]
        : [],
    ),
  )
  if (!alike.length) return unchanged
  const likeness =
    `Different samples come out of the intact network with a cosine to each other of ${joinWords(alike)} on average: ` +
    'after a lesion, no more than that is what another sample’s output has, too.'
  return [...unchanged, likeness]
}

const isChanged = (one: LesionSeries, other: LesionSeries) =>
  distinct([{ series: one }, { series: other }]).length === 2

/** Of all lesions that both have seen, one at least with an effect. */
function haveSameCosines(one: LesionSeries, other: LesionSeries): boolean {
  const pairs = one.outcomes.flatMap(({ cosine }, i) => {
    const twin = other.outcomes.at(i)
    return twin ? [[cosine.mean, twin.cosine.mean]] : []
  })
  return (
    pairs.some(([mean]) => mean < 1 - SAME_COSINE) &&
    pairs.every(([mean, twin]) => Math.abs(mean - twin) <= SAME_COSINE)
  )
}

/** How many blocks can go before the output has turned away: the last count whose mean cosine is at least one half. */
export function randomFinding(curves: readonly LesionCurve[], blocks: number): string {
  const toughest = curves
    .map((curve) => ({ curve, count: lastAbove(curve, 0.5) }))
    .filter(({ curve }) => curve.points.length > 0)
    .sort((a, b) => b.count - a.count)[0]
  if (!toughest) return ''
  const name = nameOf(toughest.curve.series)
  if (toughest.count === 0) return `${name}: already one deleted block leaves a cosine below 0.5.`
  return (
    `${name} bears most: with ${toughest.count} of ${blocks} blocks deleted at random, the cosine is still ` +
    'at least 0.5.'
  )
}

function lastAbove({ points }: LesionCurve, least: number): number {
  let last = 0
  for (const { x, mean } of points) {
    if (!(mean >= least)) break
    last = x
  }
  return last
}
