import { execFileSync, type StdioOptions } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'

const PROC = '/proc/driver/nvidia/gpus'

/** The model name of the first GPU ("NVIDIA H100 80GB HBM3"), or a plain word where nothing tells it. */
export function gpuName(): string {
  try {
    for (const gpu of fs.readdirSync(PROC).sort()) {
      const text = fs.readFileSync(path.join(PROC, gpu, 'information'), 'utf8')
      const model = /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim()
      if (model) return model
    }
  } catch {
    // no such file system: not Linux, or a container that hides it
  }
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore']
    const names = execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
      encoding: 'utf8',
      timeout: 5000,
      stdio,
    })
    return names.split('\n')[0]?.trim() || '(unnamed)'
  } catch {
    return '(unnamed)'
  }
}
