// What an installation on this machine would get, in which order, and how large it is: nothing is asked of the network.
import * as fs from 'node:fs'
import * as path from 'node:path'
import { canCompile, noCompiler, prebuiltBinding } from './compile'
import { makeContext, platformName, type Context, type RuntimeOptions } from './context'
import { WHEEL_VERSION, type Official, type Wheel } from './sources'
import { findTool } from './tools'
import { RuntimeError, reason, type TensorFlowLibrary } from './types'
import { noLibraryFor } from './wheel-file'

export interface Plan {
  /** Asked for first; null: not for this machine. */
  official: Official | null
  wheel: Wheel | null
  /** There is a GPU, so that the wheel is the one that can use it. */
  gpu: boolean
}

/** @throws RuntimeError where nothing can be installed */
export function planInstallation(context: Context): Plan {
  const gpu = hasGpu(context)
  const here = platformName(context)
  const wheel = (gpu && context.wheels[`${here}-gpu`]) || context.wheels[`${here}-cpu`] || null
  const official = (gpu ? null : context.official[here]) ?? null
  if (!wheel && !official) throw noLibraryFor(here)
  const compiles = canCompile(context)
  if (!compiles && !prebuiltBinding(context, WHEEL_VERSION)) throw noCompiler()
  // A packaged application has a binding for the wheel's version only.
  return { official: compiles ? official : null, wheel, gpu }
}

const hasGpu = (context: Context): boolean =>
  context.hasGpu() || findTool(['nvidia-smi'], context.env, context.platform) !== null

export interface OfferedSource {
  /** "tensorflow-cpu 2.21.0, the Python wheel". */
  name: string
  /** null: only its server knows. */
  downloadBytes: number | null
  /** When it is installed. */
  diskBytes: number
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

/** Why TensorFlow computes on no GPU here, as sentences; null where it does. */
export function whyNoGpu(library: TensorFlowLibrary | null, options: RuntimeOptions = {}): string | null {
  if (library?.device === 'gpu') return null
  if (!hasGpu(makeContext(options))) return 'There is no NVIDIA GPU here: the system has no driver of one.'
  if (!library) return 'There is an NVIDIA GPU; TensorFlow’s library, which can use it, is not installed.'
  return (
    library.note ??
    'There is an NVIDIA GPU, but the library in use is for the CPU: `npx residual-lab runtime install --force` ' +
      'gets the one that can use it.'
  )
}
