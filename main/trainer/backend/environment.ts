import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { DeviceChoice } from '../../../shared/protocol/host-settings'
import { cudaEnvironment } from '../../runtime/cuda'
import { WHEEL_VERSION } from '../../runtime/sources'
import { TF_CONFIG } from '../../runtime/tf-config'
import type { TensorFlowLibrary } from '../../runtime/types'
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
 * @param library the native one; null where none is loaded
 */
export function setEnvironment(
  { threads, device, gpu = null, gpuMemory = null }: Wishes = {},
  library: Pick<TensorFlowLibrary, 'bindingPath' | 'version'> | null = null,
): void {
  // Without it TensorFlow takes nearly all of a GPU's memory at once, and gives it back only when its process ends.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  // Errors only: its notes on CPU features would go to the user's terminal.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  // CUDA's own word for no device.
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1'
  else if (library) useCuda(library, gpu)
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

/**
 * XLA writes matrix products of its own, which round to ten bits on newer cards (TF32) whatever NVIDIA's libraries are
 * told (`cudaEnvironment`): it is to leave products to those. Of its flags one that is not known ends the process.
 */
const XLA_PRODUCTS = '--xla_gpu_enable_triton_gemm'

/** Whether XLA's flags are known of this version of TensorFlow: the one that the lab installs. */
const isKnown = (version: string): boolean => version === WHEEL_VERSION

/**
 * Whether steps are to be tried compiled by XLA on a GPU. Whoever has one that XLA dies of can leave it out.
 */
export const triesXla = (version: string, env: NodeJS.ProcessEnv = process.env): boolean =>
  isKnown(version) && env.RESIDUAL_LAB_XLA !== 'off'

/** XLA's flags as they are to be. @param flags those that are set, which count */
export function xlaFlags(flags: string, version: string): string {
  const isSet = flags.includes(XLA_PRODUCTS) || !isKnown(version)
  return isSet ? flags : `${flags} ${XLA_PRODUCTS}=false`.trim()
}

function useCuda(
  { bindingPath, version }: Pick<TensorFlowLibrary, 'bindingPath' | 'version'>,
  gpu: string | null,
): void {
  // Numbers count as nvidia-smi's do, and whoever starts the program with devices named means those.
  process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID'
  if (gpu !== null) process.env.CUDA_VISIBLE_DEVICES ??= gpu
  const cuda = cudaEnvironment(bindingPath)
  Object.assign(process.env, cuda)
  const flags = xlaFlags(process.env.XLA_FLAGS ?? '', version)
  if (flags) process.env.XLA_FLAGS = flags
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
