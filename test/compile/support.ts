import { loadBackend, type Backend } from '../../main/trainer/backend'
import { ensureTensorFlow, type TensorFlowLibrary } from '../../main/runtime'
import type { Tensor, Tf } from '../../main/trainer/compile/native'

/** The product's native library. */
export async function nativeLibrary(): Promise<TensorFlowLibrary> {
  const { library, reason } = await ensureTensorFlow()
  if (!library) throw new Error(`These tests need the native library: ${reason}`)
  return library
}

/** The product's native backend. */
export async function nativeBackend(): Promise<Backend> {
  return loadBackend({ library: await nativeLibrary() })
}

/** A seeded tensor: float32 around zero, int32 in 0..8, bool. */
export function sample(
  tf: Tf,
  shape: number[],
  dtype: 'float32' | 'int32' | 'bool' = 'float32',
  seed = 1,
): Tensor {
  return tf.tidy((): Tensor => {
    if (dtype === 'float32') return tf.randomNormal(shape, 0, 1, 'float32', seed)
    const uniform = tf.randomUniform(shape, 0, 8, 'float32', seed)
    return dtype === 'int32' ? uniform.floor().cast('int32') : uniform.greater(4)
  })
}

/**
 * How far two results are apart, in units of float32's precision at the size of the largest value. Zero means the same
 * bits; where values cancel, a result near zero is only as good as the terms it is the difference of, so units of its
 * own last place would say nothing.
 */
export function distance(actual: Tensor, expected: Tensor): number {
  if (actual.dtype !== expected.dtype || actual.shape.join() !== expected.shape.join()) return Infinity
  const a = Array.from(actual.dataSync())
  const b = Array.from(expected.dataSync())
  const size = b.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0)
  const unit = size * 2 ** -23
  return b.reduce(
    (worst, value, i) =>
      Object.is(a[i], value)
        ? worst
        : Math.max(worst, Math.abs(a[i]! - value) / unit || (a[i] === value ? 0 : Infinity)),
    0,
  )
}
