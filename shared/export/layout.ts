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
