import * as fs from 'node:fs'
import * as path from 'node:path'

/**
 * Beginnings of folders beside the data sets: what pages have handed over, what was removed and can come back, and
 * what was read and is not kept yet.
 */
export const GIVEN = '.given-'
export const REMOVED = '.removed-'
const IMPORTED = '.imported-'

/** The beginning of those of the third kind that this process makes. */
export const importedHere = (): string => `${IMPORTED}${process.pid}-`

/** Removes what a thread of this process had read and nobody can keep any more. */
export function removeImported(folder: string): void {
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : [])
    if (name.startsWith(importedHere())) fs.rmSync(path.join(folder, name), { recursive: true, force: true })
}

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
    if (![GIVEN, REMOVED, IMPORTED].some((beginning) => name.startsWith(beginning))) continue
    try {
      const one = path.join(folder, name)
      if (Date.now() - fs.statSync(one).mtimeMs >= LEFT_MS) fs.rmSync(one, { recursive: true })
    } catch {
      // Gone meanwhile, or not ours to remove.
    }
  }
}
