import * as path from 'node:path'
import { messageOf } from '../../../shared/base/errors'
import { formatBytes } from '../../../shared/base/format'
import { runTool } from '../../runtime/tools'
import type { WebGpuReport } from '../../trainer/webgpu-report'

export type WebGpuStatus = WebGpuReport

/** Beside this bundle. */
const PROGRAM = path.join(__dirname, 'webgpu-report.cjs')
/** A driver that hangs must not hang whoever asks; loading TensorFlow.js and Dawn takes seconds on a busy machine. */
const LIMIT_MS = 30_000

/** What WebGPU is on this machine, asked in a process of its own. Never throws. */
export async function webGpuStatus(
  program = PROGRAM,
  limitMs = LIMIT_MS,
  env: NodeJS.ProcessEnv = process.env,
): Promise<WebGpuStatus> {
  const none = (why: string) => ({ library: false, adapter: null, why })
  if (process.versions.electron)
    return none('Electron computes by Chromium’s own WebGPU, which Node does not reach from here.')
  try {
    const { output, how } = await runTool(process.execPath, [program], { env, timeoutMs: limitMs })
    const found = /^REPORT (\{.*\})$/m.exec(output)
    if (found) return JSON.parse(found[1]!) as WebGpuStatus
    return none(`The process that looked for a GPU by WebGPU has ended without an answer (${how}).`)
  } catch (error) {
    return none(`WebGPU could not be asked (${messageOf(error)}).`)
  }
}

/** Asks once, as soon as somebody wants to know. @returns what is known now; null: nothing yet */
export function createWebGpuAsked(
  ask: () => Promise<WebGpuStatus> = webGpuStatus,
): () => WebGpuStatus | null {
  let asked = false
  let known: WebGpuStatus | null = null
  return () => {
    if (!asked) void ask().then((found) => (known = found))
    asked = true
    return known
  }
}

/** Lines of a status: what there is, and why it is not used. */
export function webGpuLines({ adapter, why }: WebGpuStatus): string[] {
  if (!adapter) return [`WebGPU:   ${why}`]
  const { name, vendor, architecture, isSoftware, features, limits } = adapter
  const kind = [vendor, architecture].filter(Boolean).join(', ')
  const parts = [
    `${name}${kind && ` (${kind})`}${isSoftware ? ', made of software' : ''}`,
    `${formatBytes(limits.maxStorageBufferBindingSize)} for one tensor`,
    features.join(', ') || 'no features beyond the core',
  ]
  return [`WebGPU:   ${parts.join('; ')}`, ...(why ? [`          ${why}`] : [])]
}
