import { halfBits } from '../../../shared/numerics/float16'
import type { GraphConstant } from './graph'

/** Where a weight's numbers stand, in TensorFlow.js's words; they lie one after the other in one file. */
export interface WeightEntry {
  name: string
  shape: number[]
  dtype: 'float32' | 'int32'
  quantization?: { dtype: 'float16'; original_dtype: 'float32' }
}

/** Names of weights, by the lab's names of the arrays that they are. */
export interface NamedArrays {
  arrays: Record<string, string>
}

/** Arrays as TensorFlow.js keeps them. */
export function packedWeights(constants: readonly GraphConstant[], isFloat16: boolean) {
  const packed = constants.map((constant) => weightOf(constant, isFloat16))
  return {
    weights: packed.map(({ entry }) => entry),
    arrays: Object.fromEntries(
      constants.flatMap(({ name, source }) => (source === null ? [] : [[source, name]])),
    ) as Record<string, string>,
    data: Buffer.concat(packed.map(({ bytes }) => bytes)),
  }
}

function weightOf({ name, dims, type, values, source }: GraphConstant, isFloat16: boolean) {
  const isHalf = isFloat16 && source !== null
  const entry: WeightEntry = {
    ...{ name, shape: [...dims], dtype: type === 'float' ? 'float32' : 'int32' },
    ...(isHalf ? { quantization: { dtype: 'float16', original_dtype: 'float32' } } : {}),
  }
  const own = isHalf
    ? Uint16Array.from(values, halfBits)
    : type === 'float'
      ? Float32Array.from(values)
      : Int32Array.from(values)
  return { entry, bytes: new Uint8Array(own.buffer) }
}
