import { describe, expect, it } from 'vitest'
import { BINS, dataFigures, partFigures } from '../../../shared/data/figures'
import type { DataSet } from '../../../shared/data/description'
import { dataSetOf } from '../../../shared/data/samples'
import { scaleOf, scaledRange } from '../../../shared/data/scale'
import { samplesAt, sliceOf } from '../../../shared/data/slice'
import { OWN_DATA } from './own-data'

/** Four samples of two values, the second of which never changes; one more to test. */
function small(): DataSet {
  const training = { x: Float32Array.of(1, 7, 2, 7, 3, 7, 6, 7), y: Uint8Array.of(0, 1, 0, 1) }
  return {
    description: {
      ...OWN_DATA,
      shape: { units: 2, rows: 1, columns: 1 },
      classes: 2,
      training: 4,
      test: 1,
    },
    training,
    test: { x: Float32Array.of(-1, 8), y: Uint8Array.of(1) },
    scale: scaleOf(training, 2),
  }
}

describe('what is counted of a data set', () => {
  it('is the balance of its classes, and range, mean and deviation of each value', () => {
    const { training, test, features, featureCount, bytes } = dataFigures(small())
    expect(training.perClass).toEqual([2, 2])
    expect(test.perClass).toEqual([0, 1])
    expect(training.mean).toBe(5)
    expect(featureCount).toBe(2)
    expect(bytes).toBe(4 * 10 + 5)
    const [first, second] = features
    expect(first.training).toMatchObject({ low: 1, high: 6, mean: 3, missing: 0 })
    expect(first.training.deviation).toBeCloseTo(Math.sqrt(14 / 4), 12)
    expect(first.scale).toEqual({ mean: 3, deviation: Math.sqrt(14 / 4) })
    expect(second.training).toMatchObject({ low: 7, high: 7, deviation: 0 })
    // Both parts are counted in the same steps, from −1 to 6.
    expect(first.training.counts).toHaveLength(BINS)
    expect(first.training.counts.reduce((a, b) => a + b)).toBe(4)
    expect(first.training.counts[BINS - 1]).toBe(1)
    expect(first.test.counts[0]).toBe(1)
  })

  it('counts what is missing apart, and takes no mean over it', () => {
    const data = small()
    const x = Float32Array.from(data.training.x.subarray(0, data.training.x.length))
    x[0] = NaN
    const [first] = dataFigures({ ...data, training: { ...data.training, x } }).features
    expect(first.training).toMatchObject({ missing: 1, low: 2, high: 6 })
    expect(first.training.mean).toBeCloseTo(11 / 3, 12)
  })

  it('takes the channels of images, and all values of MNIST-1D as one', () => {
    const data = dataSetOf({ data: 'digits' })
    const { features, training } = dataFigures(data)
    expect(features).toHaveLength(1)
    expect(features[0].training.mean).toBeCloseTo(data.scale!.mean[0], 9)
    expect(features[0].training.deviation).toBeCloseTo(data.scale!.deviation[0], 9)
    expect(training).toEqual(partFigures(data.training, data.description))
    expect(dataFigures(dataSetOf({ data: 'mnist1d' })).features[0].scale).toBeNull()
  })
})

describe('a slice of samples', () => {
  const data = dataSetOf({ data: 'digits' })

  it('goes on where the one before ended, as read and standardised', () => {
    const first = sliceOf(data, { part: 'test', label: null, from: 0, count: 7 })
    const second = sliceOf(data, { part: 'test', label: null, from: 7, count: 1000 })
    expect(first.total).toBe(360)
    expect([...first.indices, ...second.indices]).toEqual(Array.from({ length: 360 }, (_, i) => i))
    expect(first.x).toEqual(data.test.x.subarray(0, 7 * 64))
    expect(first.scaled).toEqual(scaledRange(data, data.test, 0, 7))
  })

  it('is of one class where one is asked for', () => {
    const slice = sliceOf(data, { part: 'training', label: 3, from: 5, count: 4 })
    expect(slice.total).toBe(data.training.y.filter((one) => one === 3).length)
    expect([...slice.labels]).toEqual([3, 3, 3, 3])
    for (const index of slice.indices) expect(data.training.y[index]).toBe(3)
  })

  it('is refused where a sample is asked for that is not there', () => {
    expect(() => samplesAt(data, 'test', Int32Array.of(360))).toThrow('there is no sample 360')
  })
})
