import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { DeviceChoice } from '../../../shared/protocol/host-settings'
import { cudaEnvironment } from '../../runtime/cuda'
import { TF_CONFIG } from '../../runtime/tf-config'
import { gpuMemoryConfig } from './gpu-memory'

const require = createRequire(import.meta.url)

export interface Wishes {
  /** Threads within one operation, and operations at once; null or left out: one for each core. */
  threads?: number | null
  /** Left out: a GPU where there is one. */
  device?: DeviceChoice
  /** NVIDIA's id of the GPU, or its number; null or left out: the first. */
  gpu?: string | null
  /** GiB of the GPU's memory that TensorFlow may take; null or left out: as much as there is. */
  gpuMemory?: number | null
}

/**
 * What TensorFlow reads from the environment when it is loaded. The first load in a process decides for all its threads
 * (TensorFlow shares one pool of threads among them), and a worker's process.env is a copy that native code does not
 * see: so this counts in the process's main thread, before any worker.
 * @param bindingPath of the native library; null where none is loaded
 */
export function setEnvironment(
  { threads, device, gpu = null, gpuMemory = null }: Wishes = {},
  bindingPath: string | null = null,
): void {
  // Without it TensorFlow takes nearly all of a GPU's memory at once, and gives it back only when its process ends.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  // Errors only: its notes on CPU features would go to the user's terminal.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  // CUDA's own word for no device.
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1'
  else if (bindingPath) useCuda(bindingPath, gpu)
  if (device !== 'cpu' && gpuMemory !== null) process.env[TF_CONFIG] ??= gpuMemoryConfig(gpuMemory)
  if (threads === undefined || threads === null) return
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`threads is ${threads}; give a whole number of at least 1.`)
  }
  // Whoever starts the program with one of these set means it. OMP_NUM_THREADS counts for nothing here: the wheels'
  // libraries have a pool of their own.
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads)
  process.env.TF_NUM_INTEROP_THREADS ??= String(threads)
}

function useCuda(bindingPath: string, gpu: string | null): void {
  // Numbers count as nvidia-smi's do, and whoever starts the program with devices named means those.
  process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID'
  if (gpu !== null) process.env.CUDA_VISIBLE_DEVICES ??= gpu
  const cuda = cudaEnvironment(bindingPath)
  Object.assign(process.env, cuda)
  try {
    if (cuda.CUDA_CACHE_PATH) mkdirSync(cuda.CUDA_CACHE_PATH, { recursive: true })
  } catch {
    // Kernels are then compiled anew each time, which CUDA does without a word.
  }
}

/** Node 23 removed two functions that tfjs-node-gpu calls, and Node 22 prints a warning for them. */
export function mendUtil(): void {
  const util = require('node:util') as Record<string, unknown>
  util.isArray = Array.isArray
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined
}
