import { field } from '../compile/protobuf'

/**
 * That TensorFlow takes no more than this of the GPU that it computes on: gpu_options { experimental { virtual_devices
 * { memory_limit_mb } } }, as tf.config.set_logical_device_configuration of Python has it. What CUDA and its libraries
 * take besides, some hundred MB, is not TensorFlow's to count.
 * @param gibibytes more than 0
 * @returns a ConfigProto as hexadecimal digits
 */
export function gpuMemoryConfig(gibibytes: number): string {
  const megabytes = new Uint8Array(4)
  new DataView(megabytes.buffer).setFloat32(0, gibibytes * 1024, true)
  const virtualDevices = field(1, [field(1, [megabytes])])
  const gpuOptions = field(9, [virtualDevices])
  return Buffer.from(field(6, [gpuOptions])).toString('hex')
}
