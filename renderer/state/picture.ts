import type { BackwardPoint, ForwardPoint, SeriesResult } from '../../shared/signal/results'
import type { FirstNonFinite } from '../../shared/network/results'
import type { Quantity, SeriesHeader } from '../../shared/theory/series'
import type { StartedEvent, TrainFrame } from '../../shared/protocol/protocol'
import { emptySummary, setPoint, type Summary } from '../../shared/numerics/statistics'

/**
 * All that is known of one series at one moment; arrays over k = 0..L. NaN where `forwardTo`, `backwardFrom` say
 * nothing is measured yet.
 */
export interface SeriesPicture {
  header: SeriesHeader
  q: Summary
  v: Summary
  m: Summary
  p: Summary
  /** Blocks 1..L, at index k - 1. */
  weightGradientNorm2: Summary
  /** Only a measurement has these, a training frame does not: null then. */
  zeros: (number | null)[] | null
  correlation: (number | null)[] | null
  histogram: (number[] | null)[] | null
  /** Blocks 0..forwardTo and backwardFrom..L have been measured. */
  forwardTo: number
  backwardFrom: number
}

export function emptyPicture(started: StartedEvent): SeriesPicture[] {
  const length = started.experiment.blocks + 1
  const nothing = () => new Array<null>(length).fill(null)
  return started.series.map((header) => ({
    header,
    q: emptySummary(length),
    v: emptySummary(length),
    m: emptySummary(length),
    p: emptySummary(length),
    weightGradientNorm2: emptySummary(length - 1),
    zeros: nothing(),
    correlation: nothing(),
    histogram: nothing(),
    forwardTo: -1,
    backwardFrom: length,
  }))
}

export function addForward(series: SeriesPicture, block: number, point: ForwardPoint): void {
  for (const quantity of ['q', 'v', 'm'] as const) setPoint(series[quantity], block, point[quantity])
  series.zeros![block] = point.zeros
  series.correlation![block] = point.correlation
  series.histogram![block] = point.histogram
  series.forwardTo = Math.max(series.forwardTo, block)
}

export function addBackward(series: SeriesPicture, block: number, point: BackwardPoint): void {
  setPoint(series.p, block, point.p)
  if (block > 0 && point.weightGradientNorm2)
    setPoint(series.weightGradientNorm2, block - 1, point.weightGradientNorm2)
  series.backwardFrom = Math.min(series.backwardFrom, block)
}

export function pictureOfFrame(frame: TrainFrame, headers: readonly SeriesHeader[]): SeriesPicture[] {
  return frame.series.map(({ q, v, m, p, weightGradientNorm2 }, i) => ({
    header: headers[i],
    ...{ q, v, m, p, weightGradientNorm2 },
    zeros: null,
    correlation: null,
    histogram: null,
    forwardTo: q.mean.length - 1,
    backwardFrom: 0,
  }))
}

/** A measurement that was kept: blocks that were not measured have no numbers. */
export function pictureOfResult(result: SeriesResult): SeriesPicture {
  const { q, v, m, p, weightGradientNorm2, seconds: _, ...header } = result
  const measured = q.mean.flatMap((value, k) => (Number.isNaN(value) ? [] : [k]))
  const backwardFrom = p.mean.findIndex((value) => !Number.isNaN(value))
  return {
    ...{ header, q, v, m, p, weightGradientNorm2 },
    ...{ zeros: null, correlation: null, histogram: null },
    forwardTo: measured[measured.length - 1] ?? -1,
    backwardFrom: backwardFrom < 0 ? p.mean.length : backwardFrom,
  }
}

export function isMeasured(series: SeriesPicture, quantity: Quantity, k: number): boolean {
  return quantity === 'p' ? k >= series.backwardFrom : k <= series.forwardTo
}

export function isComplete(series: SeriesPicture, quantity: Quantity): boolean {
  return quantity === 'p' ? series.backwardFrom === 0 : series.forwardTo === series.q.mean.length - 1
}

/** Only the first failure of each series and quantity counts. */
export function addFailure<F extends FirstNonFinite>(failures: readonly F[], failure: F): readonly F[] {
  const known = failures.some(
    (other) => other.series === failure.series && other.quantity === failure.quantity,
  )
  return known ? failures : [...failures, failure]
}

export type KeptExtent = Record<Quantity, { smallest: number; largest: number } | null>

/** Values a run had, for a scale over all runs. */
export function extentOf(picture: readonly SeriesPicture[]): KeptExtent {
  const of = (quantity: Quantity) => {
    let smallest = Infinity
    let largest = -Infinity
    for (const series of picture) {
      for (const values of [series[quantity].low, series[quantity].high]) {
        for (const value of values) {
          if (!Number.isFinite(value)) continue
          if (value < smallest) smallest = value
          if (value > largest) largest = value
        }
      }
    }
    return smallest <= largest ? { smallest, largest } : null
  }
  return { q: of('q'), v: of('v'), m: of('m'), p: of('p') }
}
