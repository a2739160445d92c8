import * as fs from 'node:fs'
import * as path from 'node:path'
import { makeFolder } from '../../bin/lib/folder.mjs'

/** Bytes from which on a new file is begun; the one before it stays as `.old`. */
const LARGEST = 2 ** 20
/** Characters of one entry. */
const LONGEST = 2000

export interface Log {
  readonly file: string
  /** What happened, in one line; a log that cannot be written keeps nobody from working. */
  add(what: string): void
  /** The newest entries. */
  tail(lines: number): string[]
}

/** What the program did, for whoever has to find out why: nothing of what the user made is in it. */
export function openLog(folder: string, now = () => new Date()): Log {
  const file = path.join(folder, 'residual-lab.log')
  return {
    file,
    add(what) {
      const line = what.replaceAll(/\s*\n\s*/g, ' | ').slice(0, LONGEST)
      try {
        if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST)
          fs.renameSync(file, `${file}.old`)
        makeFolder(folder, 0o700)
        fs.appendFileSync(file, `${now().toISOString()} ${process.pid} ${line}\n`, { mode: 0o600 })
      } catch {
        // Said above.
      }
    },
    tail(lines) {
      try {
        return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines)
      } catch {
        return []
      }
    },
  }
}
