// What an installation on this machine would get, in which order, and how large it is: nothing is asked of the network.
import * as fs from 'node:fs'
import * as path from 'node:path'
import { canCompile, noCompiler, prebuiltBinding } from './compile'
import { makeContext, platformName, type Context, type RuntimeOptions } from './context'
import { WHEEL_VERSION, sumOf, type Official, type Wheel } from './sources'
import { gpuRefusal, readNvidia, type Gpu } from './nvidia'
import { layout } from './store'
import { RuntimeError, reason } from './types'
import { noLibraryFor } from './wheel-file'
import { bytesToCome } from './wheels'

export interface Plan {
  /** Asked for first; null: not for this machine. */
  official: Official | null
  wheel: Wheel | null
  /** CUDA's, which come with the wheel that can use them; none for the CPU. */
  parts: readonly Wheel[]
}

/** @param gpu whether TensorFlow's GPU build is wanted @throws RuntimeError where nothing can be installed */
export function planInstallation(context: Context, gpu = false): Plan {
  const here = platformName(context)
  const wheel = context.wheels[`${here}-${gpu ? 'gpu' : 'cpu'}`] ?? null
  const official = (gpu ? null : context.official[here]) ?? null
  if (!wheel && !official) throw gpu ? noGpuBuildFor(here) : noLibraryFor(here)
  const compiles = canCompile(context)
  if (!compiles && !prebuiltBinding(context, WHEEL_VERSION)) throw noCompiler()
  // A packaged application has a binding for the wheel's version only.
  return { official: compiles ? official : null, wheel, parts: gpu ? context.cuda : [] }
}

const noGpuBuildFor = (here: string) =>
  new RuntimeError(
    `TensorFlow publishes no build for NVIDIA GPUs on ${here}.`,
    'There is one for Linux on x64 (under Windows within WSL 2); here the CPU computes.',
  )

export interface OfferedSource {
  /** "tensorflow-cpu 2.21.0, the Python wheel". */
  name: string
  /** null: only its server knows. */
  downloadBytes: number | null
  /** When it is installed. */
  diskBytes: number
}

/** What an installation for the GPU would get and need. */
export interface GpuOffer {
  /** TensorFlow's GPU build, then CUDA's parts; all are got. */
  parts: OfferedSource[]
  /** Of all, and of these what is still to come. */
  downloadBytes: number
  toComeBytes: number
  diskBytes: number
  /** The driver's version; null: there is none. */
  driver: string | null
  gpus: Gpu[]
  /** Why it is not offered, and what to do: the driver, the card or the platform; null where it is. */
  problem: string | null
}

export interface InstallOffer {
  /** In the order in which they are tried. */
  sources: OfferedSource[]
  /** The file that an installation without network reads; null where there is none for this machine. */
  file: string | null
  /** Bytes free where it would go; null: not known. */
  freeBytes: number | null
  /** Why nothing can be installed, and what to do; null where it can. */
  problem: string | null
}

/** What an installation would get and need. Never throws. */
export async function installOffer(options: RuntimeOptions = {}): Promise<InstallOffer> {
  const context = makeContext(options)
  const freeBytes = await context.freeBytes(existing(context.cacheFolder)).catch(() => null)
  try {
    const { official, wheel } = planInstallation(context)
    const sources: OfferedSource[] = []
    if (official)
      sources.push({
        name: `libtensorflow ${official.version}, the official download`,
        downloadBytes: null,
        diskBytes: official.unpackedBytes,
      })
    if (wheel)
      sources.push({
        name: `${wheel.package} ${wheel.version}, the Python wheel`,
        downloadBytes: wheel.bytes,
        diskBytes: wheel.unpackedBytes,
      })
    return { sources, file: wheel?.file ?? null, freeBytes, problem: null }
  } catch (error) {
    const problem = error instanceof RuntimeError ? error.sentences : reason(error)
    return { sources: [], file: null, freeBytes, problem }
  }
}

/** The folder, or the nearest one above it that is there. */
function existing(folder: string): string {
  const above = path.dirname(folder)
  return fs.existsSync(folder) || above === folder ? folder : existing(above)
}

/** What an installation for the GPU would get and need, and whether it would be of use. Throws only when cancelled. */
export async function gpuOffer(options: RuntimeOptions = {}): Promise<GpuOffer> {
  const context = makeContext(options)
  const nvidia = await readNvidia(context)
  const { driver, gpus } = nvidia
  try {
    const { wheel, parts } = planInstallation(context, true)
    const wheels = [wheel!, ...parts]
    return {
      parts: wheels.map(({ package: name, version, bytes, unpackedBytes }) => ({
        name: `${name} ${version}`,
        downloadBytes: bytes,
        diskBytes: unpackedBytes,
      })),
      downloadBytes: sumOf(wheels, 'bytes'),
      toComeBytes: await bytesToCome(wheels, layout(context.cacheFolder).downloads),
      diskBytes: sumOf(wheels, 'unpackedBytes'),
      driver,
      gpus,
      problem: gpuRefusal(nvidia)?.sentences ?? null,
    }
  } catch (error) {
    const problem = error instanceof RuntimeError ? error.sentences : reason(error)
    return { parts: [], downloadBytes: 0, toComeBytes: 0, diskBytes: 0, driver, gpus, problem }
  }
}
