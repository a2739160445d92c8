import { finished, piecesOf } from './pieces'
import { valuesOf, type DataPart, type DataSet, type Scale } from './description'

/**
 * Mean and population standard deviation of values at equal places modulo `period`, over all samples of a part. Where
 * the deviation is zero, 1 takes its place: a value that never changes becomes 0 throughout.
 * @param period 1: of all values together; the channels of an image; or all values of a sample, each by itself
 */
export const scaleOf = (part: Pick<DataPart, 'x'>, period: number): Scale =>
  finished(scaleInSteps(part, period))

/** As `scaleOf`, piece by piece in two passes. @returns yields the bytes of each piece, read twice in all */
export function* scaleInSteps({ x }: Pick<DataPart, 'x'>, period: number): Generator<number, Scale> {
  const mean = new Float64Array(period)
  const deviation = new Float64Array(period)
  const each = x.length / period
  for (const piece of piecesOf(x, period)) {
    for (let i = 0; i < piece.length; i++) mean[i % period] += piece[i]
    yield piece.byteLength
  }
  for (let i = 0; i < period; i++) mean[i] /= each
  for (const piece of piecesOf(x, period)) {
    for (let i = 0; i < piece.length; i++) deviation[i % period] += (piece[i] - mean[i % period]) ** 2
    yield piece.byteLength
  }
  for (let i = 0; i < period; i++) deviation[i] = Math.sqrt(deviation[i] / each) || 1
  return { mean, deviation }
}

/** Some samples as networks take them. @param samples indices into the part @returns [samples, values], float32 */
export function scaledSamples(
  { description, scale }: Pick<DataSet, 'description' | 'scale'>,
  { x }: Pick<DataPart, 'x'>,
  samples: ArrayLike<number>,
): Float32Array {
  const length = valuesOf(description)
  const out = new Float32Array(samples.length * length)
  for (let i = 0; i < samples.length; i++) {
    const own = x.subarray(samples[i] * length, (samples[i] + 1) * length)
    if (!scale) {
      out.set(own, i * length)
      continue
    }
    const { mean, deviation } = scale
    const period = mean.length
    for (let j = 0; j < length; j++) out[i * length + j] = (own[j] - mean[j % period]) / deviation[j % period]
  }
  return out
}

/** Samples `from` up to `to`, in the order in which they lie. */
export const scaledRange = (
  data: DataSet,
  part: Pick<DataPart, 'x'>,
  from: number,
  to: number,
): Float32Array =>
  scaledSamples(
    data,
    part,
    Int32Array.from({ length: to - from }, (_, i) => from + i),
  )
