// TensorFlow's library: where it is, how to get it. Knows nothing of Electron; nothing here loads TensorFlow into
// this process.
import { ownCommand } from '../files/program'
import { makeContext, type RuntimeOptions } from './context'
import { install } from './install'
import { use } from './link'
import { renew } from './renew'
import { carriesLibrary, readStatus, wasInstalled } from './store'
import {
  RuntimeError,
  isAbort,
  reason as reasonOf,
  type InstallProgress,
  type TensorFlowLibrary,
  type RuntimeStatus,
} from './types'

export { RuntimeError } from './types'
export type { InstallProgress, TensorFlowLibrary, RunCheck, RuntimeStatus } from './types'
export type { RuntimeOptions } from './context'
export { damageOfRuntime, explainRuntime, verifyRuntime, type Verified } from './verify'
export { progressPrinter, progressText } from './progress'
export { gpuOffer, installOffer, type GpuOffer } from './plan'
export { cardRefusal, gpuText, type Gpu } from './nvidia'
export { nvidiaStatus } from './why-no-gpu'

export async function runtimeStatus(options: RuntimeOptions = {}): Promise<RuntimeStatus> {
  return readStatus(makeContext(options))
}

/** Whether a library is here, installed or carried by the application, in whatever state it is now. */
export function isInstalled(options: RuntimeOptions = {}): boolean {
  const context = makeContext(options)
  return wasInstalled(context) || carriesLibrary(context)
}

/**
 * The library in use, installed now if there is none of which every file is as it was (or anyway, with `force` or
 * `from`).
 */
export const installRuntime = (options: RuntimeOptions = {}): Promise<TensorFlowLibrary> => install(options)

/** Makes the lab use an installation of the user's. */
export const useRuntime = (path: string, options: RuntimeOptions = {}): Promise<TensorFlowLibrary> =>
  use(path, options)

export interface Ensured {
  library: TensorFlowLibrary | null
  /** Why there is none, and what to do: one line each; null if there is one. */
  reason: string | null
  hint: string | null
}

/** For those who can do without: never throws, except when cancelled. */
export async function ensureTensorFlow(
  onProgress?: (progress: InstallProgress) => void,
  options: RuntimeOptions = {},
): Promise<Ensured> {
  let present: TensorFlowLibrary | null = null
  try {
    present = (await runtimeStatus(options)).library
    if (present) {
      const library = (await renew({ ...options, onProgress })) ?? present
      return { library, reason: null, hint: null }
    }
    return { library: await install({ ...options, onProgress }), reason: null, hint: null }
  } catch (error) {
    if (isAbort(error)) throw error
    if (present) return { library: present, reason: null, hint: null }
    const reason = reasonOf(error)
    const hint =
      error instanceof RuntimeError ? error.hint : `Run ${ownCommand('runtime install')} to see more.`
    return { library: null, reason, hint }
  }
}
