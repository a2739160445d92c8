import * as fs from 'node:fs'
import * as path from 'node:path'
import { temporaryOf, withoutTemporary } from './write'

/**
 * Replaces a file, or makes it, before it returns: for threads that compute and take no callbacks meanwhile. As with
 * `replaceFile`, whenever the machine stops or the disk is full, the file has all of the old or all of the new.
 * @param parts of the content, one after the other: they need not be in memory together
 * @param mode of a new file; an old one keeps its own
 * @throws Error of the system
 */
export function replaceFileNow(file: string, parts: Iterable<Uint8Array>, mode = 0o600): void {
  const temporary = temporaryOf(file)
  try {
    const handle = fs.openSync(temporary, 'wx', fs.statSync(file, { throwIfNoEntry: false })?.mode ?? mode)
    try {
      for (const part of parts) writeAll(handle, part)
      fs.fsyncSync(handle)
    } finally {
      fs.closeSync(handle)
    }
    fs.renameSync(temporary, file)
    syncFolderNow(path.dirname(file))
  } finally {
    withoutTemporary(temporary)
  }
}

/** Removes what replacements of a file that were killed on the way have left beside it. */
export function removeLeftovers(file: string): void {
  const [folder, name] = [path.dirname(file), path.basename(file)]
  for (const other of fs.readdirSync(folder)) {
    if (other.startsWith(`${name}.`) && /^\d{7,}$/.test(other.slice(name.length + 1))) {
      fs.rmSync(path.join(folder, other), { force: true })
    }
  }
}

/** One call writes as much as there is room for, and says how much that was. */
function writeAll(handle: number, part: Uint8Array): void {
  for (let at = 0; at < part.length;) at += fs.writeSync(handle, part, at)
}

/** The new name is on the disk too, where the system can be asked for that. */
function syncFolderNow(folder: string): void {
  try {
    const handle = fs.openSync(folder, 'r')
    try {
      fs.fsyncSync(handle)
    } finally {
      fs.closeSync(handle)
    }
  } catch {
    // Some systems open no folders: then the name is on the disk when they write it.
  }
}
