/**
 * A program of its own, since Dawn can end the process that loads it: looks for a GPU by WebGPU, has it compute the
 * known answer, and prints what it found as one line of JSON.
 */
import { messageOf } from '../../shared/base/errors'
import { adapterFacts, type AdapterFacts } from './backend/adapter'
import { dawn, findDawnGpu } from './backend/dawn'

export interface WebGpuReport {
  /** Whether npm's `webgpu` is there, through which Node reaches a GPU. */
  library: boolean
  /** Null: there is none. */
  adapter: AdapterFacts | null
  /** Why it does not compute unless it is asked for by name, or not at all, in sentences; null: it can. */
  why: string | null
}

async function report(): Promise<WebGpuReport> {
  const gpu = dawn()
  if ('refused' in gpu) return { library: false, adapter: null, why: gpu.refused }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  const found = await findDawnGpu(false)
  return {
    library: true,
    adapter: adapter && adapterFacts(adapter),
    why: 'refused' in found ? found.refused : null,
  }
}

report()
  .catch((error): WebGpuReport => ({ library: true, adapter: null, why: `${messageOf(error)}.` }))
  .then((found) => process.stdout.write(`\nREPORT ${JSON.stringify(found)}\n`, () => process.exit(0)))
