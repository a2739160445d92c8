import { listGpusNow, readBusyGpus, type Gpu } from '../../runtime/nvidia'
import type { GpuUse } from '../../../shared/runs/computed'

/** The GPU that TensorFlow computes on: the first that CUDA lets this process see; null where nothing tells it. */
function usedOf(gpus: readonly Gpu[], env: NodeJS.ProcessEnv = process.env): Gpu | null {
  const first = env.CUDA_VISIBLE_DEVICES?.split(',')[0]?.trim()
  if (!first) return gpus[0] ?? null
  return gpus.find(({ index, uuid }) => String(index) === first || uuid.startsWith(first)) ?? null
}

const usedGpu = (): Gpu | null => usedOf(listGpusNow())

/** How busy it is, which nobody waits for; null where nothing tells it. Never throws, except when cancelled. */
export async function gpuUse(signal: AbortSignal): Promise<GpuUse | null> {
  const used = usedOf(await readBusyGpus({ env: process.env, platform: process.platform, signal }))
  if (!used || used.busy == null || used.memoryBytes === null || used.freeBytes === null) return null
  return { busy: used.busy, bytes: used.memoryBytes - used.freeBytes, total: used.memoryBytes }
}

/** Its model ("NVIDIA H100 80GB HBM3"), or a plain word where nothing tells it. */
export const gpuName = (): string => usedGpu()?.name ?? '(unnamed)'

/**
 * Its memory in bytes, at this moment; null where nothing tells it.
 * @param limit bytes that TensorFlow may take of it; null: all
 */
export function gpuMemory(
  limit: number | null,
): { bytes: number; free: number; limit: number | null } | null {
  const { memoryBytes = null, freeBytes = null } = usedGpu() ?? {}
  return memoryBytes === null || freeBytes === null ? null : { bytes: memoryBytes, free: freeBytes, limit }
}
