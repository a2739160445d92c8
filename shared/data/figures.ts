import { hasPositions, valuesOf, type DataDescription, type DataPart, type DataSet } from './description'

/** Of all values of one part together, and its labels. */
export interface PartFigures {
  samples: number
  /** Samples of each class, by label. */
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
  /** What all values and labels take in memory. */
  bytes: number
}

/** More than anybody reads, and little enough to travel. */
export const MOST_FEATURES = 256
export const BINS = 24

/** What the values and labels of one part are. */
export function partFigures({ x, y }: DataPart, classes: number): PartFigures {
  const perClass = new Array<number>(classes).fill(0)
  for (const label of y) perClass[label]++
  let [low, high, sum] = [Infinity, -Infinity, 0]
  for (const value of x) {
    if (value < low) low = value
    if (value > high) high = value
    sum += value
  }
  const mean = sum / x.length
  let square = 0
  for (const value of x) square += (value - mean) ** 2
  return { samples: y.length, perClass, low, high, mean, deviation: Math.sqrt(square / x.length) }
}

/** How many features a sample has: its channels where it has positions, else its values. */
export const featuresOf = (description: DataDescription): number =>
  hasPositions(description) ? description.shape.units : valuesOf(description)

/** All that is counted of a data set: balance of its classes, ranges, what standardisation takes. */
export function dataFigures({ description, training, test, scale }: DataSet): DataFigures {
  const featureCount = featuresOf(description)
  const shown = Math.min(featureCount, MOST_FEATURES)
  const features = Array.from({ length: shown }, (_, i) => {
    const at = scale && i % scale.mean.length
    const both = [training, test].map(({ x }) => momentsOf(x, featureCount, i))
    const low = Math.min(...both.map((one) => one.low))
    const high = Math.max(...both.map((one) => one.high))
    const [ofTraining, ofTest] = [training, test].map(({ x }, part) => ({
      ...both[part],
      counts: countsOf(x, featureCount, i, low, high),
    }))
    return {
      training: ofTraining,
      test: ofTest,
      scale: at === null ? null : { mean: scale!.mean[at], deviation: scale!.deviation[at] },
    }
  })
  const { classes } = description
  return {
    training: partFigures(training, classes),
    test: partFigures(test, classes),
    features,
    featureCount,
    bytes: [training, test].reduce((sum, { x, y }) => sum + x.byteLength + y.byteLength, 0),
  }
}

/** Of the values at `offset`, `offset + period`, …, in two passes. */
function momentsOf(x: DataPart['x'], period: number, offset: number): Omit<ValueFigures, 'counts'> {
  let [low, high, sum, missing] = [Infinity, -Infinity, 0, 0]
  for (let i = offset; i < x.length; i += period) {
    const value = x[i]
    if (!Number.isFinite(value)) {
      missing++
      continue
    }
    if (value < low) low = value
    if (value > high) high = value
    sum += value
  }
  const count = Math.ceil((x.length - offset) / period) - missing
  const mean = sum / count
  let square = 0
  for (let i = offset; i < x.length; i += period) if (Number.isFinite(x[i])) square += (x[i] - mean) ** 2
  return { low, high, mean, deviation: Math.sqrt(square / count), missing }
}

function countsOf(x: DataPart['x'], period: number, offset: number, low: number, high: number): number[] {
  const counts = new Array<number>(BINS).fill(0)
  const width = (high - low) / BINS
  for (let i = offset; i < x.length; i += period)
    if (Number.isFinite(x[i])) counts[width ? Math.min(BINS - 1, Math.floor((x[i] - low) / width)) : 0]++
  return counts
}
