import { runTool } from './tools'
import type { RunCheck } from './types'

export const LIMIT_MS = 120_000

/** For Node itself. In Electron the executable is the application, so a host there gives its own runner. */
export const runCheckWithNode: RunCheck = async (modulePath, args, env, signal) => {
  if (process.versions.electron && !process.env.ELECTRON_RUN_AS_NODE) {
    throw new Error(
      'In Electron, installRuntime needs context.runCheck: a utility process that runs the check.',
    )
  }
  return runTool(process.execPath, [modulePath, ...args], { env, signal, timeoutMs: LIMIT_MS })
}
