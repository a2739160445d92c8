import { createRequire } from 'node:module'
import * as path from 'node:path'
import { messageOf } from '../../../shared/base/errors'
import { mendUtil } from './environment'
import { NO_GPU, findGpu, type FoundGpu, type GpuPackages } from './gpu'

// Node's own loader, not the bundler's: the packages stay outside the bundle, and Dawn is a file.
const require = createRequire(import.meta.url)

/**
 * The GPU that npm's `webgpu` (Dawn, Chromium's WebGPU as a library for Node) reaches in this process, in which no
 * other library with a compiler of its own, such as TensorFlow's, is to be loaded. Never throws.
 * @param allowsSoftware whether an adapter that computes on the CPU will do
 */
export async function findDawnGpu(allowsSoftware: boolean): Promise<FoundGpu> {
  const gpu = dawn()
  if ('refused' in gpu) return gpu
  try {
    return withDriver(await findGpu(gpu, loadPackages, allowsSoftware))
  } catch (error) {
    return { refused: `WebGPU could not be started: ${messageOf(error).split('\n')[0]}.` }
  }
}

/** WebGPU as npm's `webgpu` (Dawn) brings it, or why not, in one sentence. */
export function dawn(): GPU | { refused: string } {
  if (process.versions.electron) {
    return { refused: 'Electron cannot load the library through which Node reaches a GPU by WebGPU (Dawn).' }
  }
  try {
    return loadDawn()
  } catch (error) {
    const why = messageOf(error).split('\n')[0]
    return { refused: `The library through which Node reaches a GPU by WebGPU (Dawn) is not there: ${why}.` }
  }
}

function loadDawn(): GPU {
  const arch = process.platform === 'darwin' ? 'universal' : process.arch
  const folder = path.join(path.dirname(require.resolve('webgpu')), 'dist', `${process.platform}-${arch}`)
  const { create, globals } = require(path.join(folder, 'dawn.node')) as {
    create(options: string[]): GPU
    globals: object
  }
  Object.assign(globalThis, globals)
  const gpu = create([])
  // What the backend looks for to know that there is WebGPU; Node 21 has a navigator that cannot be assigned.
  const value = { gpu, userAgent: 'node' }
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true, writable: true })
  return gpu
}

/** Which driver is missing, where there is none for any GPU. */
function withDriver(found: FoundGpu): FoundGpu {
  if (!('refused' in found) || found.refused !== NO_GPU || process.platform !== 'linux') return found
  const what =
    'On Linux it computes by Vulkan: that needs libvulkan1 and NVIDIA’s driver, or mesa-vulkan-drivers for others ' +
    '(names in Debian and Ubuntu).'
  return { refused: `${found.refused} ${what}` }
}

function loadPackages(): GpuPackages {
  mendUtil()
  const tf = require('@tensorflow/tfjs') as GpuPackages['tf']
  const { WebGPUBackend } = require('@tensorflow/tfjs-backend-webgpu') as GpuPackages
  return { tf, WebGPUBackend }
}
