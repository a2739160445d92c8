import * as fs from 'node:fs'
import * as path from 'node:path'
import { isRunId } from '../../../shared/runs/run'
import { isTemporaryFolder } from '../../files/write-now'

/** Of a killed process; a living one is done with its own long before. */
const LEFT_MS = 3_600_000

/**
 * Removes what killed processes left in a library: folders that nobody has found under a run's name, and names that
 * were never filled.
 * @param names of everything that is in it
 */
export function removeLeftovers(
  library: string,
  names: readonly string[],
  isKnown: (id: string) => boolean,
): void {
  for (const name of names) {
    const isTemporary = isTemporaryFolder(name)
    if (!isTemporary && (isKnown(name) || !isRunId(name))) continue
    try {
      const one = path.join(library, name)
      if (Date.now() - fs.statSync(one).mtimeMs < LEFT_MS) continue
      if (isTemporary) fs.rmSync(one, { recursive: true })
      // Fails where there is anything in it.
      else fs.rmdirSync(one)
    } catch {
      // A run, gone meanwhile, or not ours to remove.
    }
  }
}
