import { piecesOf } from './pieces'
import {
  hasPositions,
  valuesOf,
  type DataDescription,
  type DataPart,
  type DataSet,
  type Scale,
  type Values,
} from './description'
import { labelLength, targetScale } from './targets'

/** Of all values of one part together, and its labels. */
export interface PartFigures {
  samples: number
  /** Samples of each class, by label; none where samples have real targets. */
  perClass: number[]
  /** Smallest and largest value, mean and population standard deviation. */
  low: number
  high: number
  mean: number
  deviation: number
}

/** Of one value of a sample, or of one channel at all its positions, over the samples of one part. */
export interface ValueFigures {
  low: number
  high: number
  mean: number
  /** Population standard deviation. */
  deviation: number
  /** Values that are not a finite number. */
  missing: number
  /** Of the finite values, in equal steps from the smallest to the largest of both parts. */
  counts: number[]
}

/** One value of a sample, or one channel. */
export interface FeatureFigures {
  training: ValueFigures
  test: ValueFigures
  /** What is subtracted and divided by before a network sees it, of the training part; null: it goes in as it is. */
  scale: { mean: number; deviation: number } | null
}

export interface DataFigures {
  training: PartFigures
  test: PartFigures
  /** Channels where samples have positions, else the values of a sample; the first `MOST_FEATURES` of them. */
  features: FeatureFigures[]
  /** How many there are. */
  featureCount: number
  /** Real targets, in their own units; none where samples have classes. */
  targets: FeatureFigures[]
  /** What all values and labels take, in memory or on the disk. */
  bytes: number
  /** Whether the values are read from the disk piece by piece, and not held in memory. */
  isStored: boolean
}

/** More than anybody reads, and little enough to travel. */
export const MOST_FEATURES = 256
export const BINS = 24

/** What the values and labels of one part are, in two passes over its values. */
export function partFigures({ x, y }: DataPart, description: DataDescription): PartFigures {
  const perClass = new Array<number>(description.classes).fill(0)
  if (description.classes) for (const label of y) perClass[label]++
  let [low, high, sum] = [Infinity, -Infinity, 0]
  for (const piece of piecesOf(x)) {
    for (const value of piece) {
      if (value < low) low = value
      if (value > high) high = value
      sum += value
    }
  }
  const mean = sum / x.length
  let square = 0
  for (const piece of piecesOf(x)) for (const value of piece) square += (value - mean) ** 2
  const samples = y.length / labelLength(description)
  return { samples, perClass, low, high, mean, deviation: Math.sqrt(square / x.length) }
}

/** How many features a sample has: its channels where it has positions, else its values. */
export const featuresOf = (description: DataDescription): number =>
  hasPositions(description) ? description.shape.units : valuesOf(description)

/** All that is counted of a data set: balance of its classes, ranges, what standardisation takes. */
export function dataFigures({ description, training, test, scale }: DataSet): DataFigures {
  const featureCount = featuresOf(description)
  const targets = description.targets ?? []
  return {
    training: partFigures(training, description),
    test: partFigures(test, description),
    features: featuresFigures([training.x, test.x], featureCount, scale),
    featureCount,
    targets: targets.length
      ? featuresFigures([training.y, test.y], targets.length, targetScale({ description, training }))
      : [],
    bytes: [training, test].reduce((sum, { x, y }) => sum + x.byteLength + y.byteLength, 0),
    isStored: !ArrayBuffer.isView(training.x),
  }
}

/** Of the first numbers of each row, up to `MOST_FEATURES`. @param parts training and test, [rows, period] */
function featuresFigures(
  parts: readonly [Values, Values],
  period: number,
  scale: Scale | null,
): FeatureFigures[] {
  const shown = Math.min(period, MOST_FEATURES)
  const [ofTraining, ofTest] = parts.map((values) => rangesOf(values, period, shown))
  const limits = ofTraining.map((one, i) => ({
    low: Math.min(one.low, ofTest[i].low),
    high: Math.max(one.high, ofTest[i].high),
  }))
  const [trainingValues, testValues] = [
    valueFigures(parts[0], period, ofTraining, limits),
    valueFigures(parts[1], period, ofTest, limits),
  ]
  return Array.from({ length: shown }, (_, i) => {
    const at = scale && i % scale.mean.length
    return {
      training: trainingValues[i],
      test: testValues[i],
      scale: at === null ? null : { mean: scale!.mean[at], deviation: scale!.deviation[at] },
    }
  })
}

type Range = Pick<ValueFigures, 'low' | 'high' | 'mean' | 'missing'> & { count: number }

/** Of the values at i, i + period, … for the first `shown` i, in one pass. */
function rangesOf(x: Values, period: number, shown: number): Range[] {
  const found = Array.from({ length: shown }, () => {
    return { low: Infinity, high: -Infinity, mean: 0, missing: 0, count: x.length / period }
  })
  for (const piece of piecesOf(x, period)) {
    found.forEach((one, offset) => {
      for (let i = offset; i < piece.length; i += period) {
        const value = piece[i]
        if (!Number.isFinite(value)) {
          one.missing++
          continue
        }
        if (value < one.low) one.low = value
        if (value > one.high) one.high = value
        one.mean += value
      }
    })
  }
  return found.map((one) => ({
    ...one,
    count: one.count - one.missing,
    mean: one.mean / (one.count - one.missing),
  }))
}

/** Spread and counts of the same values, in another pass. */
function valueFigures(
  x: Values,
  period: number,
  ranges: readonly Range[],
  limits: readonly { low: number; high: number }[],
): ValueFigures[] {
  const found = ranges.map(({ mean }, i) => {
    const { low, high } = limits[i]
    return { mean, low, width: (high - low) / BINS, square: 0, counts: new Array<number>(BINS).fill(0) }
  })
  for (const piece of piecesOf(x, period)) {
    found.forEach((one, offset) => {
      const { mean, low, width, counts } = one
      for (let i = offset; i < piece.length; i += period) {
        const value = piece[i]
        if (!Number.isFinite(value)) continue
        one.square += (value - mean) ** 2
        counts[width ? Math.min(BINS - 1, Math.floor((value - low) / width)) : 0]++
      }
    })
  }
  return ranges.map(({ count, ...range }, i) => {
    return { ...range, deviation: Math.sqrt(found[i].square / count), counts: found[i].counts }
  })
}
