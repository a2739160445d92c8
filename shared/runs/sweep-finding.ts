import { formatNumber } from '../base/format'
import type { SweepFigure } from './sweep-reading'
import type { SweepPoint } from '../sweep/points'
import { placeWords } from '../sweep/words'

interface Found {
  name: string
  figure: SweepFigure
  /** Those that are measured. */
  points: readonly { settings: SweepPoint['settings']; measured: number; theory: number | null }[]
  /** Points of the sweep. */
  total: number
}

/** Within this factor nothing changes. */
const STAYS = 2

/** What a sweep has found of one series, in sentences; empty while nothing is measured. */
export function sweepFinding({ name, figure, points, total }: Found): string {
  if (!points.length) return ''
  const of = points.length < total ? `${points.length} of ${total} points so far` : `${total} points`
  const finite = points.filter(({ measured }) => Number.isFinite(measured))
  const lost = points.length - finite.length
  const lostWords = lost ? ` At ${lost} of them the numbers are not finite.` : ''
  if (!finite.length) return `${name}, ${of}:${lostWords || ' nothing is finite.'}`
  const largest = finite.reduce((a, b) => (b.measured > a.measured ? b : a))
  const least = finite.reduce((a, b) => (b.measured < a.measured ? b : a))
  const range =
    `${figure.title} from ${formatNumber(least.measured)} (${placeWords(least.settings)}) ` +
    `to ${formatNumber(largest.measured)} (${placeWords(largest.settings)}).`
  if (!figure.isRatio) return `${name}, ${of}: ${range}${lostWords}`
  const grows = points.filter(({ measured }) => measured > STAYS).length
  const shrinks = points.filter(({ measured }) => measured < 1 / STAYS).length
  const stays =
    points.length - grows - shrinks - points.filter(({ measured }) => Number.isNaN(measured)).length
  return (
    `${name}, ${of}: ${range} It grows at ${grows}, shrinks at ${shrinks} and stays within a factor of ` +
    `${STAYS} at ${stays}.${lostWords}${theoryWords(finite)}`
  )
}

function theoryWords(points: Found['points']): string {
  const factors = points.flatMap(({ settings, measured, theory }) =>
    theory !== null && theory > 0 && measured > 0 && Number.isFinite(theory)
      ? [{ settings, factor: Math.max(measured / theory, theory / measured) }]
      : [],
  )
  if (!factors.length) return ''
  const worst = factors.reduce((a, b) => (b.factor > a.factor ? b : a))
  return ` Theory is met within a factor of ${formatNumber(worst.factor)} (${placeWords(worst.settings)}).`
}
