import { expect, it } from 'vitest'
import { gpuMemoryConfig } from '../../main/trainer/backend/gpu-memory'

// Made by TensorFlow 2.21 for Python:
// c = tf.compat.v1.ConfigProto(); d = c.gpu_options.experimental.virtual_devices.add(); d.memory_limit_mb.append(1536)
// c.SerializeToString().hex()
it('words a limit of a GPU’s memory as TensorFlow’s own protocol buffers do', () => {
  expect(gpuMemoryConfig(1.5)).toBe('320a4a080a060a040000c044')
})
