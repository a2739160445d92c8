import type { Experiment } from '../../../shared/settings/experiment'
import { gigabytes, lastNeeded } from './memory'

/** Of a device, in bytes; `free`: what no program holds; `limit`: what the settings leave to the lab, null: all. */
export interface DeviceMemory {
  bytes: number
  free: number
  limit: number | null
}

const BYTES: Record<string, number> = { half: 2, float: 4, double: 8, int32: 4, int64: 8, uint8: 1, bool: 1 }
/** What is left to TensorFlow itself, to the libraries and the screen. */
const USABLE = 0.9
/** Where the estimate says that it fits, others hold memory, or the estimate is low: half of it is tried. */
const LESS = 0.5

/**
 * What to say where TensorFlow's allocator gave up: how much it asked for, how much there is, and what would fit by the
 * estimate that the experiment was let in by. Null for any other error.
 * @param needed bytes, of that estimate; null: there was none
 */
export function outOfMemory(
  message: string,
  { batch, replicas }: Pick<Experiment, 'batch' | 'replicas'>,
  device: DeviceMemory | null,
  needed: number | null = lastNeeded(),
): string | null {
  if (!/\bOOM when allocating|RESOURCE_EXHAUSTED|ran out of memory/i.test(message)) return null
  const shape = /shape\s*\[([\d,\s]*)\]/.exec(message)?.[1]
  const width = BYTES[/type (\w+)/.exec(message)?.[1] ?? 'float'] ?? 4
  const asked = shape ? shape.split(',').reduce((product, size) => product * Number(size), width) : null
  const where = /device:GPU:/.test(message) ? 'The GPU’s memory' : 'The memory'
  const what = asked === null ? '' : `: a tensor of shape [${shape}] asked for ${gigabytes(asked)}`
  const there = device ? ` ${memoryText(device)}` : ''
  const most = device && Math.min(device.bytes, device.limit ?? Infinity)
  if (needed === null)
    return `${where} is full${what}.${there} Lower the depth, the width, the batch or the replicas.`
  const share = Math.min(most ? (USABLE * most) / needed : LESS, LESS)
  const fits = (count: number) => Math.floor(count * share)
  const choices = [
    ...(fits(replicas) >= 1 ? [`${fits(replicas)} replicas instead of ${replicas}`] : []),
    ...(fits(batch) >= 2 ? [`a batch of ${fits(batch)} instead of ${batch}`] : []),
  ]
  const remedy = choices.length ? `Try ${choices.join(', or ')}.` : 'Lower the depth or the width.'
  const estimate = `These networks need about ${gigabytes(needed)} by the lab’s estimate.`
  return `${where} is full${what}.${there} ${estimate} ${remedy}`
}

function memoryText({ bytes, free, limit }: DeviceMemory): string {
  const all = `The GPU has ${gigabytes(bytes)}, of which ${gigabytes(free)} are free`
  return limit === null ? `${all}.` : `${all}; the settings allow ${gigabytes(limit)} (gpuMemory).`
}
