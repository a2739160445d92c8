import { formatNumber } from '../base/format'
import type { ComparedPoint, Comparison } from './comparison'
import type { Difference } from './difference'

/** "0.312 (0.287 to 0.340, n = 5)". */
export function pointText({ y, low, high, n }: Omit<ComparedPoint, 'x'>): string {
  const band = low === undefined ? '' : `${formatNumber(low)} to ${formatNumber(high ?? NaN)}, `
  return `${formatNumber(y)} (${band}n = ${n})`
}

/**
 * Where the lines of a comparison end, from the smallest to the largest; empty where nothing is drawn. Lines that end
 * at different places are not held against each other.
 */
export function comparisonFinding({ lines, xLabel, yLabel }: Comparison): string {
  const ends = lines.flatMap((line) => {
    const point = lastNumber(line.points)
    return point ? [{ line, point }] : []
  })
  if (!ends.length) return ''
  const [first] = ends
  if (ends.length === 1)
    return `${first.line.label}: ${yLabel} ${pointText(first.point)} at ${xLabel} ${formatNumber(first.point.x)}.`
  if (ends.some(({ point }) => point.x !== first.point.x)) {
    const least = ends.reduce((a, b) => (b.point.y < a.point.y ? b : a))
    return (
      `The lines end at different places of ${xLabel}; the smallest last ${yLabel} is ${pointText(least.point)}, ` +
      `of ${least.line.label}.`
    )
  }
  const ordered = [...ends].sort((a, b) => a.point.y - b.point.y)
  const [least, most] = [ordered[0], ordered[ordered.length - 1]]
  return (
    `At ${xLabel} ${formatNumber(first.point.x)}, ${yLabel} is smallest for ${least.line.label}: ` +
    `${pointText(least.point)}, and largest for ${most.line.label}: ${pointText(most.point)}.`
  )
}

/** @param names of the two series, the first less the second */
export function differenceFinding(
  { points, isPaired }: Difference,
  [one, other]: readonly [string, string],
  { xLabel, yLabel }: Pick<Comparison, 'xLabel' | 'yLabel'>,
): string {
  const point = lastNumber(points)
  if (!point) return `The difference of ${one} and ${other} is nowhere a finite number.`
  const { x, y, low, high, n } = point
  const place = points.length > 1 ? `At ${xLabel} ${formatNumber(x)}, the` : 'The'
  const how = isPaired ? `${n} pairs of networks` : `n = ${n}`
  const interval =
    low === undefined || high === undefined
      ? ''
      : `, 95 % of the mean ${formatNumber(low)} to ${formatNumber(high)}: ${
          low > 0 || high < 0 ? 'more than chance' : 'no more than chance may do'
        }`
  return `${place} ${yLabel} of ${one} less that of ${other} is ${formatNumber(y)} (${how}${interval}).`
}

const lastNumber = (points: readonly ComparedPoint[]): ComparedPoint | undefined =>
  [...points].reverse().find(({ y }) => Number.isFinite(y))
