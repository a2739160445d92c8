import * as fs from 'node:fs'
import * as path from 'node:path'
import { atEnd } from '../../bin/lib/ending.mjs'
import { endGroup, killGroup, spawnGroup } from '../../bin/lib/group.mjs'
import { abortError } from './types'

export interface Ran {
  code: number | null
  output: string
  /** How it ended: "exit code 1", "signal SIGSEGV", "not within 30 s". */
  how: string
}

const KEEP = 64 * 1024

/**
 * Runs a program to its end; the tail of what it printed comes back. Rejects only on abort or if it cannot start. On
 * abort, after the time limit or with this process its children end, too.
 */
export function runTool(
  file: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string; signal?: AbortSignal; timeoutMs?: number },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(abortError())
    const child = spawnGroup(file, args, {
      env: options.env,
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEEP)
    }
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', keep)
      stream.on('error', () => {})
    }
    const stop = () => endGroup(child)
    const { timeoutMs } = options
    let isLate = false
    const killLate = () => {
      isLate = true
      killGroup(child)
    }
    const timer = timeoutMs ? setTimeout(killLate, timeoutMs) : undefined
    const howEnded = (code: number | null, signal: string | null) => {
      if (isLate) return `not within ${timeoutMs! / 1000} s`
      return signal ? `signal ${signal}` : `exit code ${code}`
    }
    options.signal?.addEventListener('abort', stop, { once: true })
    const settle = () => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', stop)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    child.on('close', (code, signal) => {
      settle()
      if (options.signal?.aborted) reject(abortError())
      else resolve({ code, output, how: howEnded(code, signal) })
    })
  })
}

/** Removes a folder when this process ends, as far as it can be. @returns what to call once it is gone */
export const removedAtEnd = (folder: string): (() => void) =>
  atEnd(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

/** The first of these programs that is on PATH, as a full path. */
export function findTool(names: string[], env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  const folders = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean)
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']
  for (const name of names) {
    const candidates = path.isAbsolute(name) ? [name] : folders.map((folder) => path.join(folder, name))
    for (const candidate of candidates) {
      for (const ending of endings) {
        if (isExecutable(candidate + ending)) return candidate + ending
      }
    }
  }
  return null
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}
