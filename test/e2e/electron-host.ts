import * as path from 'node:path'
import { _electron, type ElectronApplication } from 'playwright-core'
import { openDisplay, type Display } from '../electron/display'
import { findElectron } from '../electron/find'
import { windowOf } from '../electron/window'
import { missingBuild, root, watch, type Bench, type BenchHost } from './bench'

export interface ElectronBench extends Bench {
  app: ElectronApplication
}

/**
 * Playwright's part in the main process: without it the first window may open before Playwright can follow it, and is
 * waited for in vain.
 */
const DRIVER = path.join(root, 'node_modules', 'playwright-core', 'lib', 'server', 'electron', 'loader.js')

/**
 * A real Electron on a real (or virtual) screen. `program`: an application that was packaged, instead of the built
 * folder.
 */
export async function electronHost(program?: string): Promise<BenchHost<ElectronBench>> {
  const { electron, missing } = await findElectron()
  let display: Display | undefined
  let noDisplay: string | null = null
  try {
    display = await openDisplay()
  } catch (error) {
    noDisplay = (error as Error).message
  }
  return {
    missing: missing ?? noDisplay ?? missingBuild(),
    open: ({ data, file, env }) => {
      const executable = program ?? electron!.executable
      const args = [...(program ? [] : ['-r', DRIVER, root]), ...(file ? [file] : [])]
      return launch(executable, args, {
        DISPLAY: display?.name,
        RESIDUAL_LAB_DATA: data,
        RESIDUAL_LAB_TEST_DRIVER: DRIVER,
        ...env,
      })
    },
    close: async () => display?.close(),
  }
}

async function launch(
  executablePath: string,
  args: string[],
  env: Record<string, string | undefined>,
): Promise<ElectronBench> {
  const app = await _electron.launch({
    executablePath,
    args: ['--disable-gpu', ...args],
    cwd: path.dirname(executablePath),
    env: Object.fromEntries(
      Object.entries({ ...process.env, ...env }).filter(([, v]) => v !== undefined),
    ) as Record<string, string>,
  })
  const page = await windowOf(app)
  return { app, page, problems: watch(page), trainerPid: () => trainerPid(app), close: () => close(app) }
}

/** An application that asks before it quits, or hangs, is ended: the next test must not wait for it. */
async function close(app: ElectronApplication): Promise<void> {
  const limit = setTimeout(() => app.process().kill('SIGKILL'), 30_000)
  await app.close()
  clearTimeout(limit)
}

function trainerPid(app: ElectronApplication): Promise<number> {
  return app.evaluate(({ app }) => {
    const trainers = app
      .getAppMetrics()
      .filter(({ name, serviceName }) => [name, serviceName].includes('Residual Lab trainer'))
    if (trainers.length !== 1) throw new Error(`${trainers.length} trainers`)
    return trainers[0]!.pid
  })
}
