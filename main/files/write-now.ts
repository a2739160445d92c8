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
  const { handle, finish, close } = replacementOf(file, mode)
  try {
    for (const part of parts) writeAll(handle, part)
    finish()
  } finally {
    close()
  }
}

/** As `replaceFileNow`, of parts that are waited for, one after the other. */
export async function replaceFileInParts(
  file: string,
  parts: AsyncIterable<Uint8Array>,
  mode = 0o600,
): Promise<void> {
  const { handle, finish, close } = replacementOf(file, mode)
  try {
    for await (const part of parts) writeAll(handle, part)
    finish()
  } finally {
    close()
  }
}

/** A file that is to take the place of another: to be written, finished once all is there, and closed in any case. */
function replacementOf(file: string, mode: number) {
  const temporary = temporaryOf(file)
  const close = () => withoutTemporary(temporary)
  try {
    const handle = fs.openSync(temporary, 'wx', fs.statSync(file, { throwIfNoEntry: false })?.mode ?? mode)
    let isOpen = true
    const closeHandle = () => {
      if (isOpen) fs.closeSync(handle)
      isOpen = false
    }
    return {
      handle,
      finish() {
        fs.fsyncSync(handle)
        closeHandle()
        fs.renameSync(temporary, file)
        syncFolderNow(path.dirname(file))
      },
      close() {
        closeHandle()
        close()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

/** A name beside a folder for what is to fill it; nobody takes it for a folder of its kind. */
export const temporaryFolderOf = (folder: string): string =>
  temporaryOf(path.join(path.dirname(folder), `.${path.basename(folder)}`))

/** Whether a folder is one that was to fill another when its process was killed. */
export const isTemporaryFolder = (name: string): boolean => /^\..+\.\d+$/.test(name)

/**
 * Puts a folder that is whole in the place of an empty one: nobody finds half of it.
 * @throws Error of the system
 */
export function putFolder(whole: string, empty: string): void {
  // Windows puts no folder in another's place, not even in an empty one's.
  if (process.platform === 'win32') fs.rmdirSync(empty)
  fs.renameSync(whole, empty)
  syncFolderNow(path.dirname(empty))
}

/** Fills an empty folder with all of the files, or leaves it empty. @throws Error of the system */
export function fillFolder(folder: string, files: Record<string, string>): void {
  const temporary = temporaryFolderOf(folder)
  try {
    fs.mkdirSync(temporary, { mode: 0o700 })
    for (const [name, text] of Object.entries(files))
      replaceFileNow(path.join(temporary, name), [Buffer.from(text)])
    putFolder(temporary, folder)
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

/**
 * One call of the system writes as much as there is room for, and says how much that was.
 * @param position in the file; null: where the last write has ended @throws Error of the system
 */
export function writeAll(handle: number, part: Uint8Array, position: number | null = null): void {
  for (let at = 0; at < part.length;)
    at += fs.writeSync(handle, part, at, part.length - at, position === null ? null : position + at)
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
