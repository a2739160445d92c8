import * as fs from 'node:fs'
import * as path from 'node:path'
import { homedir } from 'node:os'
import { makeFolder } from '../../bin/lib/folder.mjs'
import { withLock } from '../../bin/lib/lock.mjs'

/** Where the user's own things are kept, on each platform's usual place; every host on one machine uses the same. */
export function dataFolder(env = process.env, platform: NodeJS.Platform = process.platform): string {
  if (env.RESIDUAL_LAB_DATA) return path.resolve(env.RESIDUAL_LAB_DATA)
  if (env.XDG_DATA_HOME) return path.join(env.XDG_DATA_HOME, 'residual-lab')
  const home = homedir()
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'residual-lab')
  if (platform === 'win32') {
    return path.join(env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'residual-lab')
  }
  return path.join(home, '.local', 'share', 'residual-lab')
}

/** What several processes may do to one data folder at once waits for each other here. */
export type Serialised = <T>(work: () => Promise<T>) => Promise<T>

/** Changes of a data folder, one after the other: in this process, and with every other that is open on the folder. */
export function serialised(folder: string): Serialised {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(async () => {
      makePrivateFolder(folder)
      return withLock(path.join(folder, 'lock'), work)
    })
    last = next.catch(() => {})
    return next
  }
}

/** Made for its owner alone: other users of the machine have no business in it. */
export function makePrivateFolder(folder: string): void {
  makeFolder(folder, 0o700)
  closeToOthers(folder)
}

/** Takes from other users what rights they have in a folder that is there already: older versions left them some. */
export function closeToOthers(folder: string): void {
  try {
    const { mode } = fs.statSync(folder)
    if (mode & 0o077) fs.chmodSync(folder, mode & 0o700)
  } catch {
    // None yet, or another user's: then only its owner can close it.
  }
}

/**
 * Moves a workspace and blocks from the folder that Electron's window alone used before every host shared one. What is
 * there already stays, and what cannot be moved stays where it was.
 */
export function adoptOldData(old: string, folder: string): void {
  for (const name of ['workspace.json', 'blocks']) {
    const [from, to] = [path.join(old, name), path.join(folder, name)]
    if (from === to || !fs.existsSync(from) || fs.existsSync(to)) continue
    try {
      makePrivateFolder(folder)
      fs.renameSync(from, to)
    } catch {
      // Another disk, or no right to move it.
    }
  }
}

/** Of a killed process; a living one is done with its own long before. */
const OLD_MS = 3_600_000

/** Removes what writes that never finished left beside a file: `workspace.json.1234567`. */
export function removeOldTemporaries(folder: string, isOurs: (name: string) => boolean): void {
  let names: string[]
  try {
    names = fs.readdirSync(folder)
  } catch {
    // No folder yet: nothing to remove.
    return
  }
  for (const name of names) {
    const [, base] = /^(.+)\.\d+$/.exec(name) ?? []
    if (base === undefined || !isOurs(base)) continue
    const file = path.join(folder, name)
    try {
      if (Date.now() - fs.statSync(file).mtimeMs > OLD_MS) fs.rmSync(file)
    } catch {
      // Gone meanwhile, or not ours to remove: it does no harm.
    }
  }
}

export { messageOf as reasonOf } from '../../shared/base/errors'
