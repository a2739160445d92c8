// NVIDIA's driver and GPUs as the system tells of them, and whether TensorFlow's GPU build can use them.
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { formatBytes } from '../../shared/base/format'
import { ownCommand } from '../files/program'
import { PROC, type Context } from './context'
import { WHEEL_VERSION } from './sources'
import { findTool, runTool, type Ran } from './tools'
import { RuntimeError, isAbort } from './types'

export interface Gpu {
  /** As nvidia-smi counts, in the order of the bus. */
  index: number
  uuid: string
  name: string
  /** Null where only nvidia-smi would tell and it is not there. */
  memoryBytes: number | null
  freeBytes: number | null
  /** NVIDIA's compute capability, e.g. 8.9; null where nothing tells it. */
  capability: number | null
  /**
   * utilization.gpu, 0 to 1: the share of the last sample period in which a kernel ran; null where nothing tells it,
   * left out where it was not asked for.
   */
  busy?: number | null
}

interface Listed {
  /** The driver's version; null: there is none, or it does not say. */
  driver: string | null
  gpus: Gpu[]
}

export interface Nvidia extends Listed {
  /** What nvidia-smi says where it is there and cannot reach the driver; null where all is well. */
  trouble: string | null
}

// CUDA's minor version compatibility: what is built with any CUDA 12 runs from this driver on (NVIDIA, CUDA
// Compatibility, table 1; cuDNN 9's support matrix names the same).
export const OLDEST_DRIVER = '525.60.13'
// The wheel holds finished kernels for compute capability 6.0 to 8.9, and for 9.0 PTX of CUDA 12.5 (version 8.5), which
// the driver compiles. Minor version compatibility does not cover that: it takes CUDA 12.5's own driver.
const COMPILED_AT_LOAD = 9
const COMPILING_DRIVER = '555.42.02'
const SMALLEST_CAPABILITY = 6
// On cards of 10.0 and later the kernels of this version fail (CUDA_ERROR_INVALID_PTX in tensorflow's issues 90291,
// 99592 and 101746).
const FIRST_UNSUPPORTED = 10

const FIELDS = ['index', 'uuid', 'memory.total', 'memory.used', 'compute_cap', 'driver_version', 'name']
const BUSY = 'utilization.gpu'
const BUSY_FIELDS = ['index', 'uuid', BUSY, 'memory.total', 'memory.used', 'name']
const MIB = 2 ** 20
/** A driver that answers and does not say which it is: newer than any that is too old. */
const UNKNOWN = '(version unknown)'

/** It answers within a second, or within some seconds where it has to load the driver first. */
const ANSWER_MS = 20_000

const queryArguments = (fields: string[]) => [
  `--query-gpu=${fields.join(',')}`,
  '--format=csv,noheader,nounits',
]

/** What nvidia-smi writes in place of what it cannot tell: "[N/A]", "[Insufficient Permissions]", "[Unknown Error]". */
const told = (value: string | undefined) => (!value || /^\[.*\]$|^N\/A$/.test(value) ? null : value)

/** Reads nvidia-smi's answer to the query for these fields. The name is last: it alone may hold commas. */
function parseList(text: string, fields: string[]): Listed {
  const listed: Listed = { driver: null, gpus: [] }
  for (const line of text.split('\n')) {
    const values = line.split(',').map((value) => value.trim())
    if (values.length < fields.length || !/^\d+$/.test(values[0]!)) continue
    const of = (field: string) => values[fields.indexOf(field)]
    const number = (field: string) => {
      const value = Number.parseFloat(of(field) ?? '')
      return Number.isFinite(value) ? value : null
    }
    const memory = number('memory.total')
    const used = number('memory.used')
    const busy = number(BUSY)
    listed.driver ??= told(of('driver_version')) ?? UNKNOWN
    listed.gpus.push({
      index: Number(values[0]),
      uuid: told(of('uuid')) ?? '',
      name: told(values.slice(fields.length - 1).join(', ')) ?? '(unnamed)',
      memoryBytes: memory === null ? null : memory * MIB,
      freeBytes: memory === null || used === null ? null : (memory - used) * MIB,
      capability: number('compute_cap'),
      ...(fields.includes(BUSY) && { busy: busy === null ? null : busy / 100 }),
    })
  }
  return listed
}

type Where = Pick<Context, 'env' | 'platform' | 'proc' | 'signal'>

/** Driver and GPUs. Never throws, except when cancelled. */
export async function readNvidia(where: Where): Promise<Nvidia> {
  const kernel = kernelDriver(where.proc)
  const smi = findTool(['nvidia-smi'], where.env, where.platform)
  if (!smi) return { driver: kernel, gpus: kernel ? gpusIn(where.proc) : [], trouble: null }
  let said = ''
  // Drivers before 510 do not know compute_cap.
  for (const fields of [FIELDS, FIELDS.filter((field) => field !== 'compute_cap')]) {
    const options = { env: where.env, signal: where.signal, timeoutMs: ANSWER_MS }
    const ran = await askSmi(smi, fields, options)
    const output = ran.output.trim()
    if (/^No devices were found/m.test(output)) return { driver: kernel ?? UNKNOWN, gpus: [], trouble: null }
    const { driver, gpus } = parseList(output, fields)
    if (ran.code === 0 && gpus.length > 0) return { driver: kernel ?? driver, gpus, trouble: null }
    // What it said first; what it prints with success and is no list is not for people.
    const words = ran.code === 0 ? '' : output.split('\n')[0]!.replace(/\.$/, '')
    said = words || `nvidia-smi gave no list (${ran.how})`
    // One that hangs would hang again.
    if (ran.code === null) break
  }
  return { driver: kernel, gpus: kernel ? gpusIn(where.proc) : [], trouble: said }
}

/**
 * The GPUs of this machine, waited for: for the errors and names of a process that computes. The kernel's words count
 * where nvidia-smi does not answer. Never throws.
 */
export function listGpusNow(): Gpu[] {
  try {
    const text = execFileSync('nvidia-smi', queryArguments(FIELDS), {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return parseList(text, FIELDS).gpus
  } catch {
    return gpusIn(PROC)
  }
}

/** How busy each GPU is; none where nvidia-smi does not tell. Never throws, except when cancelled. */
export async function readBusyGpus({ env, platform, signal }: Omit<Where, 'proc'>): Promise<Gpu[]> {
  const smi = findTool(['nvidia-smi'], env, platform)
  if (!smi) return []
  const ran = await askSmi(smi, BUSY_FIELDS, { env, signal, timeoutMs: 5000 })
  return ran.code === 0 ? parseList(ran.output, BUSY_FIELDS).gpus : []
}

/** What nvidia-smi answers to a query for these fields. Never throws, except when cancelled. */
const askSmi = (
  smi: string,
  fields: string[],
  options: { env: NodeJS.ProcessEnv; signal?: AbortSignal; timeoutMs: number },
): Promise<Ran> =>
  runTool(smi, queryArguments(fields), options).catch((error: NodeJS.ErrnoException) => {
    if (isAbort(error)) throw error
    return { code: null, output: `nvidia-smi cannot be started (${error.code})`, how: '' }
  })

function kernelDriver(proc: string): string | null {
  try {
    const text = fs.readFileSync(path.join(proc, 'version'), 'utf8')
    return /Kernel Module\D*?(?:x86_64|aarch64)?\s+(\d+\.\d+(?:\.\d+)?)\s/.exec(text)?.[1] ?? null
  } catch {
    return null
  }
}

/** What the kernel tells of GPUs, without nvidia-smi: names and ids. */
function gpusIn(proc: string): Gpu[] {
  try {
    const folder = path.join(proc, 'gpus')
    return fs
      .readdirSync(folder)
      .sort()
      .map((bus, index) => {
        const text = fs.readFileSync(path.join(folder, bus, 'information'), 'utf8')
        const of = (field: string) => new RegExp(`^${field}:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? ''
        return {
          index,
          uuid: of('GPU UUID'),
          name: of('Model') || '(unnamed)',
          memoryBytes: null,
          freeBytes: null,
          capability: null,
        }
      })
  } catch {
    return []
  }
}

const numbers = (version: string) => version.split('.').map(Number)

function isOlder(version: string, than: string): boolean {
  const [a, b] = [numbers(version), numbers(than)]
  for (let place = 0; place < b.length; place += 1) {
    const difference = (a[place] ?? 0) - b[place]!
    if (Number.isNaN(difference)) return false
    if (difference !== 0) return difference < 0
  }
  return false
}

const UPDATE = (driver: string) =>
  `Install NVIDIA’s driver ${driver} or newer and restart the machine, ` +
  `then run ${ownCommand('runtime install --gpu')}.`

/** Why TensorFlow's GPU build can use no GPU here, and what to do; null where it can use at least one. */
export function gpuRefusal({ driver, gpus, trouble }: Nvidia): RuntimeError | null {
  if (trouble)
    return new RuntimeError(
      `NVIDIA’s driver does not answer: ${trouble}.`,
      /permission/i.test(trouble)
        ? 'Let this user open /dev/nvidiactl and /dev/nvidia0 (often a group may), or give them to the container.'
        : 'Restart the machine: after an update its parts differ until then. If it recurs, install the driver anew.',
    )
  if (!driver)
    return new RuntimeError(
      'There is no NVIDIA driver here, so TensorFlow can use no NVIDIA GPU.',
      UPDATE(OLDEST_DRIVER),
    )
  if (isOlder(driver, OLDEST_DRIVER))
    return new RuntimeError(
      `NVIDIA’s driver ${driver} is too old for CUDA 12, which needs ${OLDEST_DRIVER} or newer.`,
      UPDATE(OLDEST_DRIVER),
    )
  if (gpus.length === 0)
    return new RuntimeError(
      `NVIDIA’s driver ${driver} is here, but it finds no GPU.`,
      'Look whether the GPU is given to this machine or container (`nvidia-smi -L`).',
    )
  const refusals = gpus.map((gpu) => cardRefusal(gpu, driver))
  return refusals.every(Boolean) ? refusals[0]! : null
}

/** Why TensorFlow's GPU build cannot use this card, and what to do; null where it can, as far as is known. */
export function cardRefusal({ name, capability }: Gpu, driver: string): RuntimeError | null {
  if (capability === null) return null
  const card = `${name} (compute capability ${capability.toFixed(1)})`
  if (capability < SMALLEST_CAPABILITY)
    return new RuntimeError(
      `The ${card} cannot be used: TensorFlow ${WHEEL_VERSION} is built for 6.0 and newer.`,
      `Compute on the CPU, or point at an older TensorFlow for this card: ${ownCommand('runtime use PATH')}.`,
    )
  if (capability >= FIRST_UNSUPPORTED)
    return new RuntimeError(
      `TensorFlow ${WHEEL_VERSION} does not support the ${card}: it has no kernels for it, and those it compiles fail.`,
      `Point at a TensorFlow that is built for it, such as NVIDIA’s own: ${ownCommand('runtime use PATH')}.`,
    )
  if (capability >= COMPILED_AT_LOAD && isOlder(driver, COMPILING_DRIVER))
    return new RuntimeError(
      `NVIDIA’s driver ${driver} is too old for the ${card}: it has to compile TensorFlow’s kernels for it, ` +
        `which it can from ${COMPILING_DRIVER} on.`,
      UPDATE(COMPILING_DRIVER),
    )
  return null
}

/** "0: NVIDIA A100-SXM4-40GB, 40 GB, 39 GB free, compute capability 8.0, GPU-…". */
export function gpuText({ index, uuid, name, memoryBytes, freeBytes, capability }: Gpu): string {
  const parts = [`${index}: ${name}`]
  if (memoryBytes !== null) parts.push(formatBytes(memoryBytes))
  if (freeBytes !== null) parts.push(`${formatBytes(freeBytes)} free`)
  if (capability !== null) parts.push(`compute capability ${capability.toFixed(1)}`)
  if (uuid) parts.push(uuid)
  return parts.join(', ')
}
