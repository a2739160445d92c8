import * as core from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { messageOf } from '../../../shared/base/errors'
import { findGpu, type FoundGpu, type GpuPackages } from './gpu'

/**
 * TensorFlow.js as far as networks are computed by it: layers, models, data and the other backends stay outside the
 * bundle.
 */
const packages = {
  tf: { ...core, version: { tfjs: core.version_core } } as unknown as GpuPackages['tf'],
  WebGPUBackend,
}

/**
 * The GPU that a page of Chromium's reaches, in a worker of that page. Never throws.
 * @param allowsSoftware whether an adapter that computes on the CPU will do
 */
export async function findPageGpu(allowsSoftware: boolean): Promise<FoundGpu> {
  const { gpu } = navigator as { gpu?: GPU }
  if (!gpu) return { refused: 'The Chromium of this program has no WebGPU, or has it switched off here.' }
  try {
    return await findGpu(gpu, () => packages, allowsSoftware)
  } catch (error) {
    return { refused: `WebGPU could not be started: ${messageOf(error).split('\n')[0]}.` }
  }
}
