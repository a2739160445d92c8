import * as os from 'node:os'
import type { MachineFacts } from '../../../shared/protocol/protocol'
import { nvidiaStatus, runtimeStatus, type RuntimeOptions } from '../../runtime'
import { availableMemory, mostMemory } from '../../trainer/engine/machine-memory'
import { NODE_MEMORY } from '../../trainer/node-memory'
import { deviceOfStart } from './chosen-device'

/** What TensorFlow reads by itself, so that whoever started the program with one of them set has decided. */
const THREADS = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS']

/** What the settings are measured by. */
export async function machineFacts(runtime: RuntimeOptions, env = process.env): Promise<MachineFacts> {
  const { library } = await runtimeStatus(runtime)
  const { gpus, why } = await nvidiaStatus(library, runtime)
  const named = THREADS.filter((name) => env[name]).map((name) => `${name}=${env[name]}`)
  return {
    cores: cores(),
    memory: { ...mostMemory(NODE_MEMORY), free: availableMemory(NODE_MEMORY, null) },
    noGpu: why,
    gpus,
    deviceFrom: deviceOfStart(),
    gpuFrom: env.CUDA_VISIBLE_DEVICES ? `CUDA_VISIBLE_DEVICES=${env.CUDA_VISIBLE_DEVICES}` : null,
    threadsFrom: named.join(' and ') || null,
  }
}

/** Those that this process may use; Node says so since 18.14, and counts all before. */
function cores(): number {
  const { availableParallelism } = os as { availableParallelism?: () => number }
  return availableParallelism?.() ?? os.cpus().length
}
