import { remedyTitle, shortTitle } from './findings'
import { formatNumber } from './format'
import type { Lesion } from './lesion'
import type { LesionResult, LesionSeries } from './protocol'

/** One curve of lesions: over the block that was changed, or over the number of deleted blocks. */
export interface LesionCurve {
  series: LesionSeries
  points: { x: number; mean: number; low: number; high: number }[]
}

/** Every block in turn: x is the block. */
export function eachCurves({ lesions, series }: LesionResult): LesionCurve[] {
  return series.map((one) => ({
    series: one,
    points: one.outcomes.map(({ cosine }, i) => ({ x: blocksOf(lesions[i])[0], ...cosine })),
  }))
}

/**
 * Random deletions: x is how many blocks were deleted; mean over the draws of the mean over networks, smallest and largest over the draws.
 */
export function randomCurves({ lesions, series }: LesionResult): LesionCurve[] {
  return series.map((one) => {
    const byCount = new Map<number, number[]>()
    one.outcomes.forEach(({ cosine }, i) => {
      const count = blocksOf(lesions[i]).length
      byCount.set(count, [...(byCount.get(count) ?? []), cosine.mean])
    })
    const points = [...byCount].map(([x, means]) => ({
      x,
      mean: average(means),
      low: Math.min(...means),
      high: Math.max(...means),
    }))
    return { series: one, points }
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

/** What changing any one block does, in residual networks next to plain ones. */
export function eachFinding(
  residual: readonly LesionCurve[],
  plain: readonly LesionCurve[],
  kind: 'delete' | 'duplicate',
): string {
  const done = kind === 'delete' ? 'deleting any one block' : 'running any one block twice'
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
  const sentence = `${nameOf(apart.curve.series)}: after ${done}, the output keeps a cosine of ${formatNumber(apart.here)} to the intact one on average in the residual network, ${formatNumber(apart.there)} in the plain one.`
  const weakest = weakestPoint(apart.curve)
  return `${sentence} The residual network depends most on block ${weakest.x} (${formatNumber(weakest.mean)}).`
}

function single(curves: readonly LesionCurve[], done: string): string {
  const curve = curves.find((one) => one.points.length && Number.isFinite(level(one)))
  if (!curve) return ''
  const weakest = weakestPoint(curve)
  return `${nameOf(curve.series)}: after ${done}, the output keeps a cosine of ${formatNumber(level(curve))} on average; least without block ${weakest.x} (${formatNumber(weakest.mean)}).`
}

const weakestPoint = ({ points }: LesionCurve) => points.reduce((a, b) => (b.mean < a.mean ? b : a))

/** How many blocks can go before the output has turned away: the last count whose mean cosine is at least one half. */
export function randomFinding(curves: readonly LesionCurve[], blocks: number): string {
  const toughest = curves
    .map((curve) => ({ curve, count: lastAbove(curve, 0.5) }))
    .filter(({ curve }) => curve.points.length > 0)
    .sort((a, b) => b.count - a.count)[0]
  if (!toughest) return ''
  const name = nameOf(toughest.curve.series)
  if (toughest.count === 0) return `${name}: already one deleted block leaves a cosine below 0.5.`
  return `${name} bears most: with ${toughest.count} of ${blocks} blocks deleted at random, the cosine is still at least 0.5.`
}

function lastAbove({ points }: LesionCurve, least: number): number {
  let last = 0
  for (const { x, mean } of points) {
    if (!(mean >= least)) break
    last = x
  }
  return last
}
