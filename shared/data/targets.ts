import {
  isRegression,
  outputsOf,
  type DataDescription,
  type DataPart,
  type DataSet,
  type Labels,
  type Scale,
} from './description'
import { scaleOf } from './scale'

/** Rows by their indices. @param values [rows, length] */
export function rowsOf<V extends Float32Array | Uint8Array>(
  values: V,
  indices: ArrayLike<number>,
  length: number,
): V {
  const size = indices.length * length
  const rows = (values instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size)) as V
  for (let i = 0; i < indices.length; i++)
    rows.set(values.subarray(indices[i] * length, (indices[i] + 1) * length), i * length)
  return rows
}

/** Numbers that one sample is labelled with: its class, or its targets. */
export const labelLength = ({ targets }: Pick<DataDescription, 'targets'>): number => targets?.length ?? 1

const scales = new WeakMap<Labels, Scale>()

/** Mean and population standard deviation of every target over the training part. */
export function targetScale({
  description,
  training: { y },
}: Pick<DataSet, 'description' | 'training'>): Scale {
  const known = scales.get(y) ?? scaleOf({ x: y }, outputsOf(description))
  scales.set(y, known)
  return known
}

/**
 * Population standard deviation of the one real target over the training part, in its own unit. Null where samples have
 * classes or several targets, which have no unit in common.
 */
export const targetDeviation = (data: Pick<DataSet, 'description' | 'training'>): number | null =>
  data.description.targets?.length === 1 ? targetScale(data).deviation[0] : null

/**
 * What networks are to put out for samples, [samples, outputs], row-major. Of real targets: less the mean and divided
 * by the standard deviation that they have over the training part. Of labels: shares that sum to one, (1 - s) for the
 * label and s/C for every class (Szegedy et al. 2016; torch.nn.CrossEntropyLoss).
 * @param y as the part has it, of some samples
 * @param smoothing s, of labels; with 0, zeros and one 1
 */
export function wantedOutputs(
  data: Pick<DataSet, 'description' | 'training'>,
  y: Labels,
  smoothing = 0,
): Float32Array {
  const { classes } = data.description
  if (!isRegression(data.description)) {
    const rows = new Float32Array(y.length * classes).fill(smoothing / classes)
    y.forEach((label, i) => (rows[i * classes + label] += 1 - smoothing))
    return rows
  }
  const { mean, deviation } = targetScale(data)
  return Float32Array.from(y, (value, i) => (value - mean[i % mean.length]) / deviation[i % mean.length])
}

/**
 * The population variance of the standardised targets of the first `count` samples of a part, mean over the targets:
 * what an error of 1 leaves unexplained. Of all training samples it is 1. Null where samples have classes.
 */
export function targetVariance(data: DataSet, { y }: Pick<DataPart, 'y'>, count: number): number | null {
  if (!isRegression(data.description)) return null
  const length = outputsOf(data.description)
  const rows = wantedOutputs(data, y.subarray(0, count * length))
  const mean = new Float64Array(length)
  rows.forEach((value, i) => (mean[i % length] += value / count))
  return rows.reduce((sum, value, i) => sum + (value - mean[i % length]) ** 2, 0) / rows.length
}
