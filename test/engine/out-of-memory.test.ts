import { expect, it } from 'vitest'
import { checkMemory } from '../../main/trainer/engine/memory'
import { outOfMemory } from '../../main/trainer/engine/out-of-memory'

const GIB = 2 ** 30
// As TensorFlow's kernels word it.
const MESSAGE =
  'OOM when allocating tensor with shape[128,1024,1024] and type float on ' +
  '/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc'

it('says what was asked for, what there is, and what would fit by the estimate', () => {
  const card = { bytes: 16 * GIB, free: GIB / 4, limit: null }
  expect(outOfMemory(MESSAGE, { batch: 128, replicas: 40 }, card, 72 * GIB)).toBe(
    'The GPU’s memory is full: a tensor of shape [128,1024,1024] asked for 0.5 GiB. The GPU has 16 GiB, of which ' +
      '0.25 GiB are free. These networks need about 72 GiB by the lab’s estimate. Try 8 replicas instead of 40, or a ' +
      'batch of 25 instead of 128.',
  )
  // No more than the settings allow.
  const limited = outOfMemory(MESSAGE, { batch: 128, replicas: 40 }, { ...card, limit: 8 * GIB }, 72 * GIB)
  expect(limited).toContain('0.25 GiB are free; the settings allow 8 GiB (gpuMemory). These')
  expect(limited).toContain('Try 4 replicas instead of 40')
  // Others hold the memory, though it would fit: half.
  expect(outOfMemory(MESSAGE, { batch: 128, replicas: 40 }, card, 8 * GIB)).toContain(
    'Try 20 replicas instead of 40',
  )
  // One network of one sample cannot be made less of.
  expect(outOfMemory(MESSAGE, { batch: 2, replicas: 1 }, card, 72 * GIB)).toContain(
    'Lower the depth or the width.',
  )
})

it('goes by the estimate that the experiment was let in by, and leaves other errors alone', () => {
  checkMemory(3 * GIB, 4 * GIB)
  expect(outOfMemory(MESSAGE, { batch: 8, replicas: 4 }, null)).toContain(
    'These networks need about 3 GiB by the lab’s estimate. Try 2 replicas instead of 4, or a batch of 4 instead of 8.',
  )
  expect(outOfMemory('Incompatible shapes: [2] vs. [3]', { batch: 8, replicas: 4 }, null)).toBeNull()
})
