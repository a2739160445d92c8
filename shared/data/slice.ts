import { InputError } from '../base/errors'
import { isRegression, valuesOf, type DataSet, type Labels, type Numbers } from './description'
import { scaledSamples } from './scale'
import { labelLength, rowsOf } from './targets'

export type PartName = 'training' | 'test'

/** Some samples of one part, as they were read and as networks take them. */
export interface SampleSlice {
  /** Samples of the part that are asked for in all. */
  total: number
  /** Where each of these stands in its part, from 0. */
  indices: Int32Array
  /** Their classes, or [samples, targets]. */
  labels: Labels
  /** [samples, values], as they were read. */
  x: Numbers
  /** [samples, values], standardised. */
  scaled: Float32Array
}

/** Bytes of one slice: whoever wants more asks again. */
export const MOST_SLICE_BYTES = 4 * 2 ** 20

export interface SliceQuestion {
  part: PartName
  /** Only samples of this class; null, or where samples have none: of all. */
  label: number | null
  /** Of those, the first to give, from 0. */
  from: number
  count: number
}

/** How many samples one slice holds. */
export const mostSamples = (values: number): number =>
  Math.max(1, Math.floor(MOST_SLICE_BYTES / (4 * values)))

/** Samples in the order in which they lie; fewer where there are no more, or where they would be too large. */
export function sliceOf(data: DataSet, { part, label, from, count }: SliceQuestion): SampleSlice {
  const { y } = data[part]
  const samples = data.description[part]
  const most = Math.min(count, mostSamples(valuesOf(data.description)))
  const indices: number[] = []
  let total = 0
  for (let i = 0; i < samples; i++) {
    if (label !== null && !isRegression(data.description) && y[i] !== label) continue
    if (total >= from && indices.length < most) indices.push(i)
    total++
  }
  return samplesAt(data, part, Int32Array.from(indices), total)
}

/** Samples by where they stand. @throws InputError where there is none */
export function samplesAt(
  data: DataSet,
  part: PartName,
  indices: Int32Array,
  total = indices.length,
): SampleSlice {
  const { x, y } = data[part]
  const length = valuesOf(data.description)
  const missing = indices.find((i) => !(i >= 0 && i < data.description[part]))
  if (missing !== undefined || indices.length > mostSamples(length)) {
    const what =
      missing === undefined
        ? `${indices.length} samples are too many at once`
        : `there is no sample ${missing}`
    throw new InputError('data', what, 'Ask for samples of the part, a few at a time.')
  }
  const Values = x.subarray(0, 0).constructor as { new (length: number): Numbers }
  const values = new Values(indices.length * length)
  indices.forEach((sample, i) => values.set(x.subarray(sample * length, (sample + 1) * length), i * length))
  return {
    total,
    indices,
    labels: rowsOf(y, indices, labelLength(data.description)),
    x: values,
    scaled: scaledSamples(data, data[part], indices),
  }
}
