/**
 * The environment variable that a binding of the lab's reads when TensorFlow makes its devices: a ConfigProto, as
 * hexadecimal digits (`main/runtime/compile.ts`). TensorFlow's C interface has no variable of its own for it.
 */
export const TF_CONFIG = 'RESIDUAL_LAB_TF_CONFIG'

/** A field of a protocol buffer that holds bytes. */
const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])

/**
 * That TensorFlow takes no more than this of the GPU that it computes on: gpu_options { experimental { virtual_devices
 * { memory_limit_mb } } }, as tf.config.set_logical_device_configuration of Python has it. What CUDA and its libraries
 * take besides, some hundred MB, is not TensorFlow's to count.
 * @param gibibytes more than 0
 * @returns a ConfigProto as hexadecimal digits
 */
export function gpuMemoryConfig(gibibytes: number): string {
  const megabytes = Buffer.alloc(4)
  megabytes.writeFloatLE(gibibytes * 1024)
  const virtualDevices = field(1, megabytes)
  const experimental = field(1, virtualDevices)
  const gpuOptions = field(9, experimental)
  return field(6, gpuOptions).toString('hex')
}
