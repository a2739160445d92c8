import { isRegression, valuesOf, type DataDescription, type DataSet, type Values } from './description'
import type { PartName, SampleSlice } from './slice'
import { labelLength } from './targets'

/** Samples of one part, by where they stand in it. */
export interface NeededSamples {
  part: PartName
  indices: Int32Array
}

/** Values of some samples of a part; of others there are none. */
class SomeValues implements Values {
  readonly byteLength: number
  private readonly rows = new Map<number, Float32Array>()

  constructor(
    slices: readonly SampleSlice[],
    private readonly each: number,
    readonly length: number,
  ) {
    for (const { indices, scaled } of slices)
      indices.forEach((sample, i) => this.rows.set(sample, scaled.subarray(i * each, (i + 1) * each)))
    this.byteLength = 4 * each * this.rows.size
  }

  subarray(from: number, to: number): Float32Array {
    const { each } = this
    const samples = Array.from({ length: (to - from) / each }, (_, i) => from / each + i)
    const rows = samples.map((sample) => {
      const row = this.rows.get(sample)
      if (!row) throw new Error(`Sample ${sample} was not sent.`)
      return row
    })
    if (rows.length === 1) return rows[0]
    const all = new Float32Array(rows.length * each)
    rows.forEach((row, i) => all.set(row, i * each))
    return all
  }
}

/**
 * Samples that were sent, standardised, as the data set that they are of, with the same bits; asking for another is an
 * error. Labels and targets of others are 0, so that no mean of these is that of the part.
 */
export function someSamples(
  description: DataDescription,
  slices: readonly { part: PartName; slice: SampleSlice }[],
): DataSet {
  const part = (name: PartName) => {
    const own = slices.filter((one) => one.part === name).map(({ slice }) => slice)
    const length = labelLength(description)
    const size = description[name] * length
    const y = isRegression(description) ? new Float32Array(size) : new Uint8Array(size)
    for (const { indices, labels } of own)
      indices.forEach((sample, i) => y.set(labels.subarray(i * length, (i + 1) * length), sample * length))
    const each = valuesOf(description)
    return { x: new SomeValues(own, each, description[name] * each), y }
  }
  return { description, training: part('training'), test: part('test'), scale: null }
}
