import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and those above it that are missing. Node's own `mkdir` with `recursive` tries for ever, without a
 * word, where a system answers "no such file" below a folder that is there, as Linux does below /proc.
 * @param {string} folder
 * @param {number} [mode] of each folder that is made
 * @throws Error of the system
 */
export function makeFolder(folder, mode = 0o777) {
  const missing = []
  // A drive that is not there is its own parent.
  for (let at = resolve(folder); !existsSync(at) && missing[0] !== at; at = dirname(at)) missing.unshift(at)
  for (const one of missing) {
    try {
      mkdirSync(one, { mode })
    } catch (error) {
      // Made meanwhile by another process.
      if (error.code !== 'EEXIST' || !existsSync(one)) throw error
    }
  }
}
