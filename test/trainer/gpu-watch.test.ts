import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchGpu } from '../../main/trainer/gpu-watch'
import type { GpuWatch } from '../../main/trainer/queue'
import { gpuUseWords, wholeGpuUseWords } from '../../shared/runs/computed'
import type { DeviceStatus } from '../../shared/protocol/protocol'
import { A100, busyCard, putSmi } from '../runtime/gpu-surroundings'

const MIB = 2 ** 20
const device = (backend: DeviceStatus['backend'], name: string): DeviceStatus => ({
  ...{ backend, name, version: '2.21.0', description: `${name}, TensorFlow 2.21.0`, note: null },
})
const GPU = device('tensorflow', 'GPU NVIDIA A100-SXM4-80GB')

let bin: string
let watch: GpuWatch | null = null
beforeEach(() => {
  bin = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-smi-'))
  vi.stubEnv('PATH', bin)
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined)
})
afterEach(() => {
  watch?.end()
  watch = null
  vi.unstubAllEnvs()
  fs.rmSync(bin, { recursive: true, force: true })
})

/** With real processes of a stand-in of nvidia-smi, as often as they answer. */
const watched = (isPaused = () => false) => (watch = watchGpu(GPU, isPaused, undefined, 1))!

test('how busy the GPU is that computes, while it does, and in the mean', async () => {
  putSmi(bin, [A100], [busyCard(0, '80', '1000'), busyCard(1, '5', '9')])
  const own = watched()
  expect(own.last).toBeNull()
  await expect.poll(() => own.last).toEqual({ busy: 0.8, bytes: 1000 * MIB, total: 81559 * MIB })
  expect(gpuUseWords(own.last!)).toBe('GPU 80 % busy, 1.0 GB of 85.5 GB')
  putSmi(bin, [A100], [busyCard(0, '40', '400')])
  await expect.poll(() => own.last?.busy).toBe(0.4)
  const whole = own.end()!
  expect(whole.busy).toBeGreaterThan(0.4)
  expect(whole.busy).toBeLessThan(0.8)
  // The most that was in use, not the last.
  expect(whole).toMatchObject({ bytes: 1000 * MIB, total: 81559 * MIB })
  expect(whole.readings).toBeGreaterThan(1)
})

test('the one that CUDA lets the program see', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'GPU-1aaaaaaa-0000-0000-0000-000000000000')
  putSmi(bin, [A100], [busyCard(0, '80', '1000'), busyCard(1, '5', '9')])
  const own = watched()
  await expect.poll(() => own.last?.busy).toBe(0.05)
})

test.each([
  ['there is no nvidia-smi', () => {}],
  ['it fails', () => putSmi(bin, 'NVIDIA-SMI has failed')],
  ['the card does not tell', () => putSmi(bin, [A100], [busyCard(0, '[N/A]', '[N/A]', '[N/A]')])],
])('nothing is said where %s', async (_, put) => {
  put()
  let asked = 0
  watch = watchGpu(
    GPU,
    () => {
      asked++
      return false
    },
    undefined,
    1,
  )
  await expect.poll(() => asked).toBeGreaterThan(2)
  expect([watch!.last, watch!.end()]).toEqual([null, null])
})

test('a pause counts for nothing', async () => {
  let isPaused = false
  let asked = 0
  const read = () => Promise.resolve({ busy: 1, bytes: 1, total: 2 })
  watch = watchGpu(GPU, () => (asked++, isPaused), read, 1)!
  await expect.poll(() => watch!.last).not.toBeNull()
  isPaused = true
  await expect.poll(() => watch!.last).toBeNull()
  const before = asked
  await expect.poll(() => asked).toBeGreaterThan(before + 2)
  const whole = watch.end()!
  expect(whole.busy).toBe(1)
  expect(whole.readings).toBeLessThan(asked - 2)
})

test('only of an NVIDIA GPU by TensorFlow: WebGPU tells nothing, and a CPU is none', () => {
  const none = () => false
  expect(watchGpu(device('tensorflow', 'CPU'), none)).toBeNull()
  expect(watchGpu(device('webgpu', 'GPU NVIDIA A100'), none)).toBeNull()
  expect(watchGpu(device('cpu', 'CPU'), none)).toBeNull()
})

test('what it is called over a whole run', () => {
  const use = { busy: 0.873, bytes: 3.2e9, total: 8.5e10, readings: 45 }
  expect(wholeGpuUseWords(use)).toBe(
    'Kernels ran on the GPU 87 % of the time (utilization.gpu of nvidia-smi, mean of 45 readings); ' +
      'at most 3.2 GB of its 85.0 GB of memory were in use.',
  )
  expect(wholeGpuUseWords({ ...use, readings: 1 })).toContain('(utilization.gpu of nvidia-smi, one reading)')
})
