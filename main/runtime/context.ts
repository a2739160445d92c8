import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { cacheFolder } from '../../bin/lib/cache.mjs'
import { INSTALLATION } from '../files/program'
import { runCheckWithNode } from './check-with-node'
import { CUDA_PARTS } from './cuda-parts'
import { abortError, type InstallProgress, type RunCheck } from './types'
import { OFFICIAL, WHEELS, type Official, type Wheel } from './sources'

/** All that an installation takes from its surroundings, so that tests and hosts can give their own. */
export interface Context {
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  arch: string
  /** The archive of a packaged application, which holds a binding, and of a full one the record of the library
   * beside it; null in a checkout. */
  resourcesPath: string | null
  cacheFolder: string
  signal: AbortSignal | undefined
  onProgress: (progress: InstallProgress) => void
  freeBytes: (folder: string) => Promise<number | null>
  runCheck: RunCheck
  /** Where NVIDIA's driver tells of itself. */
  proc: string
  wheels: Record<string, Wheel>
  /** CUDA's parts for the GPU build. */
  cuda: readonly Wheel[]
  official: Record<string, Official>
}

export interface RuntimeOptions {
  signal?: AbortSignal
  onProgress?: (progress: InstallProgress) => void
  /** Installs anew, whatever is there. */
  force?: boolean
  /** A wheel to install from, without network and whatever is there; with `gpu`, the folder that holds all of them. */
  from?: string
  /** TensorFlow's GPU build with CUDA's libraries. */
  gpu?: boolean
  /** Hosts inside Electron must give `runCheck` (a utility process); the rest is for tests. */
  context?: Partial<Context>
}

/** NVIDIA's folder below /proc. */
export const PROC = '/proc/driver/nvidia'

export const platformName = (context: Pick<Context, 'platform' | 'arch'>) =>
  `${context.platform}-${context.arch}`

export function makeContext(options: RuntimeOptions = {}): Context {
  const given = options.context ?? {}
  const env = given.env ?? process.env
  const platform = given.platform ?? process.platform
  return {
    env,
    platform,
    arch: given.arch ?? process.arch,
    resourcesPath: given.resourcesPath === undefined ? INSTALLATION.archive : given.resourcesPath,
    cacheFolder: given.cacheFolder ?? cacheFolder(env, platform),
    signal: options.signal ?? given.signal,
    onProgress: options.onProgress ?? given.onProgress ?? (() => {}),
    freeBytes: given.freeBytes ?? freeBytes,
    runCheck: given.runCheck ?? runCheckWithNode,
    proc: given.proc ?? PROC,
    wheels: given.wheels ?? WHEELS,
    cuda: given.cuda ?? CUDA_PARTS,
    official: given.official ?? OFFICIAL,
  }
}

/** Resolves after `ms`, or rejects as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(abortError())
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

async function freeBytes(folder: string): Promise<number | null> {
  // Node 16 (the oldest Electron the lab runs in) has no statfs.
  const statfs = (fs.promises as Partial<typeof fs.promises>).statfs
  if (statfs) {
    const found = await statfs(folder)
    return found.bavail * found.bsize
  }
  return new Promise((resolve) => {
    execFile('df', ['-Pk', folder], (error, stdout) => {
      const blocks = Number(stdout.trim().split('\n').pop()?.split(/\s+/)[3])
      resolve(error || !Number.isFinite(blocks) ? null : blocks * 1024)
    })
  })
}
