import * as fs from 'node:fs'
import * as path from 'node:path'

/** Beginnings of folders beside the data sets: what pages have handed over, and what was removed and can come back. */
export const GIVEN = '.given-'
export const REMOVED = '.removed-'

/** A host that lives has them for as long as it runs; none is used for so long. Milliseconds. */
const LEFT_MS = 7 * 24 * 3_600_000

/** Removes what killed hosts left in the folder of the data sets. */
export function removeLeftovers(folder: string): void {
  let names: string[]
  try {
    names = fs.readdirSync(folder)
  } catch {
    // There are no data sets yet.
    return
  }
  for (const name of names) {
    if (!name.startsWith(GIVEN) && !name.startsWith(REMOVED)) continue
    try {
      const one = path.join(folder, name)
      if (Date.now() - fs.statSync(one).mtimeMs >= LEFT_MS) fs.rmSync(one, { recursive: true })
    } catch {
      // Gone meanwhile, or not ours to remove.
    }
  }
}
