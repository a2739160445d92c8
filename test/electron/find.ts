import * as fs from 'node:fs'
import * as path from 'node:path'
import { testElectron } from '../../bin/lib/test-electron.mjs'

export interface FoundElectron {
  /** As ELECTRON_OVERRIDE_DIST_PATH and electron-builder's electronDist take it. */
  dist: string
  executable: string
  version: string
}

export type Search = { electron: FoundElectron; missing: null } | { electron: null; missing: string }

/**
 * The Electron to test with: the one that ELECTRON_OVERRIDE_DIST_PATH names, else the package's own, else the wheel's.
 */
export async function findElectron(): Promise<Search> {
  const own = path.resolve('node_modules/electron/dist')
  try {
    const given = process.env.ELECTRON_OVERRIDE_DIST_PATH
    if (given) return { electron: describe(given), missing: null }
    if (fs.existsSync(path.join(own, 'version'))) return { electron: describe(own), missing: null }
    return { electron: describe((await testElectron()).dist), missing: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return { electron: null, missing: `no Electron to test with: ${reason}` }
  }
}

function describe(dist: string): FoundElectron {
  const executable = path.join(dist, 'electron')
  fs.accessSync(executable, fs.constants.X_OK)
  return { dist, executable, version: fs.readFileSync(path.join(dist, 'version'), 'utf8').trim() }
}
