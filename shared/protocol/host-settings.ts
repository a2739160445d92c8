/** What the user has chosen for this machine: kept by the host in the data folder, and no part of an experiment. */
import {
  choice,
  finiteNumber,
  knownFields,
  objectOf,
  trueOrFalse,
  versionOne,
  wholeNumber,
  type Bounds,
} from '../base/check'
import { InputError } from '../base/errors'

/**
 * What computes. `auto`: TensorFlow, on a GPU where it finds one; `gpu`: the same, and it is said where it finds none;
 * `webgpu`: any GPU that WebGPU reaches; `webgpu-software`: also one made of software; `cpu`: TensorFlow on the CPU.
 * Where the one that is asked for cannot be had, that is said, and `auto` counts. Without TensorFlow's library `auto`
 * and `gpu` are any GPU that WebGPU reaches, and where there is none plain JavaScript computes, as for `cpu`.
 */
export const DEVICES = ['auto', 'gpu', 'webgpu', 'webgpu-software', 'cpu'] as const
export type DeviceChoice = (typeof DEVICES)[number]

/** Whether it is WebGPU's. */
export const isWebGpu = (device: DeviceChoice): boolean => device.startsWith('webgpu')

export interface HostSettings {
  device: DeviceChoice
  /** NVIDIA's id of the GPU to compute on ("GPU-…"), or its number in nvidia-smi's list; null: the first. */
  gpu: string | null
  /** GiB of an NVIDIA GPU's memory that TensorFlow may take; null: as much as there is. */
  gpuMemory: number | null
  /** Threads within one operation, and operations at once; null: TensorFlow takes one for each core. */
  threads: number | null
  /** What networks may take, in GiB; null: as much as there is. */
  memory: number | null
  /** Whether trainings, and the queue's jobs, have a process of their own, so that no measurement waits for them. */
  separateTraining: boolean
  /** MB that measurements may take in the library of runs; the oldest that are not pinned go first. */
  runsMegabytes: number
  /** Per cent of the normal size. */
  textSize: number
  /** Whether each start asks for a newer version. */
  versionNotice: boolean
  /** Whether the page of the first start has been answered. */
  welcomed: boolean
}

/** What the process that computes is started with. */
export type TrainerSettings = Pick<HostSettings, 'device' | 'gpu' | 'gpuMemory' | 'threads' | 'memory'>

export const TEXT_SIZES = [90, 100, 110, 120] as const
export const THREADS: Bounds = { minimum: 1, maximum: 1024 }
/** GiB; TensorFlow and the program alone take nearly half of one. */
export const MEMORY: Bounds = { minimum: 0.5, maximum: 65_536 }
/** GiB; the scratch memory of cuBLAS and cuDNN alone takes some tens of MB of it. */
export const GPU_MEMORY: Bounds = { minimum: 0.25, maximum: 65_536 }

/** MB; one measurement takes up to a few. */
export const RUNS_MEGABYTES: Bounds = { minimum: 10, maximum: 1_000_000 }

export const DEFAULT_HOST_SETTINGS: HostSettings = {
  device: 'auto',
  gpu: null,
  gpuMemory: null,
  threads: null,
  memory: null,
  separateTraining: false,
  runsMegabytes: 1000,
  textSize: 100,
  versionNotice: false,
  welcomed: false,
}

/** What CUDA_VISIBLE_DEVICES takes for one device. */
function gpuId(value: unknown, where: string): string {
  if (typeof value === 'string' && /^(?:\d{1,3}|(?:GPU|MIG)-[\w/-]{1,100})$/.test(value)) return value
  const hint = 'Give its id (“GPU-…”) or its number, as `nvidia-smi -L` lists them, or null.'
  throw new InputError(where, `${JSON.stringify(value)} names no GPU`, hint)
}

/** Of these GPUs the one of this id or number; undefined where it is none of them. */
export const gpuNamed = <G extends { index: number; uuid: string }>(
  gpus: readonly G[],
  name: string | null,
): G | undefined => gpus.find(({ index, uuid }) => uuid === name || String(index) === name)

/** What a GPU is chosen by: a driver may keep its id to itself. */
export const gpuChoice = ({ index, uuid }: { index: number; uuid: string }): string => uuid || String(index)

const orNull = <T>(value: unknown, check: (value: unknown) => T): T | null =>
  value === null ? null : check(value)

/**
 * Settings as they are read from a file or asked for by a page; what is left out is as in `defaults`.
 * @param where they come from: a file's name, or what asks for them
 * @throws InputError with place, cause and hint, also for a later version and for fields that are not known
 */
export function parseHostSettings(
  value: unknown,
  where: string,
  defaults: HostSettings = DEFAULT_HOST_SETTINGS,
): HostSettings {
  const object = objectOf(value, where, 'these are no settings', 'Give them as an object with named fields.')
  versionOne(object.version, where)
  const keys = Object.keys(DEFAULT_HOST_SETTINGS) as (keyof HostSettings)[]
  const given = { ...defaults, ...knownFields(object, where, ['version', ...keys]) }
  return {
    device: choice(given.device, `${where}.device`, DEVICES),
    gpu: orNull(given.gpu, (gpu) => gpuId(gpu, `${where}.gpu`)),
    gpuMemory: orNull(given.gpuMemory, (most) => finiteNumber(most, `${where}.gpuMemory`, GPU_MEMORY)),
    threads: orNull(given.threads, (threads) => wholeNumber(threads, `${where}.threads`, THREADS)),
    memory: orNull(given.memory, (memory) => finiteNumber(memory, `${where}.memory`, MEMORY)),
    separateTraining: trueOrFalse(given.separateTraining, `${where}.separateTraining`),
    runsMegabytes: wholeNumber(given.runsMegabytes, `${where}.runsMegabytes`, RUNS_MEGABYTES),
    textSize: choice(given.textSize, `${where}.textSize`, TEXT_SIZES),
    versionNotice: trueOrFalse(given.versionNotice, `${where}.versionNotice`),
    welcomed: trueOrFalse(given.welcomed, `${where}.welcomed`),
  }
}

/** Of all settings those that the process that computes is started with. */
export const trainerSettings = ({
  device,
  gpu,
  gpuMemory,
  threads,
  memory,
}: HostSettings): TrainerSettings => ({
  device,
  gpu,
  gpuMemory,
  threads,
  memory,
})
