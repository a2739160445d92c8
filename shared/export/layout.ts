import { positions, type Shape } from '../numerics/shape'

/** Samples [position × channel], as the lab keeps them, as [channel × position], as PyTorch and ONNX take them. */
export function channelsFirst(x: Float32Array, shape: Shape): Float32Array {
  const [units, places] = [shape.units, positions(shape)]
  const result = new Float32Array(x.length)
  for (let i = 0; i < x.length; i++) {
    const [sample, place, unit] = [
      Math.floor(i / (units * places)),
      Math.floor(i / units) % places,
      i % units,
    ]
    result[(sample * units + unit) * places + place] = x[i]
  }
  return result
}

/** The reverse. */
export function channelsLast(x: Float32Array, shape: Shape): Float32Array {
  return channelsFirst(x, { units: positions(shape), rows: 1, columns: shape.units })
}

/** Where units stand among the axes of samples with positions. */
export type ChannelOrder = 'channels first' | 'channels last'

/** The axes of one sample. @param axes along how many it has positions, in the layers of frameworks */
export function sampleAxes({ units, rows, columns }: Shape, axes: 0 | 1 | 2, order: ChannelOrder): number[] {
  const grid = axes === 2 ? [rows, columns] : axes === 1 ? [columns] : []
  return order === 'channels first' ? [units, ...grid] : [...grid, units]
}
