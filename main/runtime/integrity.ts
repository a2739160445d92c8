import { messageOf } from '../../shared/base/errors'
import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { sha256 } from './download'
import { throwIfAborted } from './types'

/** What a file was when it was installed. */
export interface FileRecord {
  bytes: number
  /** In hexadecimal; null where a link leads to it: then it is another's, or stands in the record by itself. */
  sha256: string | null
}

/** By the path inside the installation, with slashes. */
export type FileRecords = Record<string, FileRecord>

export const isRecord = (files: unknown): files is FileRecords =>
  typeof files === 'object' &&
  files !== null &&
  Object.values(files).every((file) => typeof (file as FileRecord | null)?.bytes === 'number')

interface Watched {
  signal?: AbortSignal
  /** Bytes read so far, of all that will be. */
  onBytes?: (done: number, total: number) => void
}

/** Sizes and hashes of all files in a folder. Links to folders are left out. */
export async function recordFiles(folder: string, watched: Watched = {}): Promise<FileRecords> {
  const files: FileRecords = {}
  for (const name of await namesIn(folder)) {
    const at = path.join(folder, name)
    const found = await fs.stat(at)
    if (!found.isFile()) continue
    const isLink = (await fs.lstat(at)).isSymbolicLink()
    files[name] = { bytes: found.size, sha256: isLink ? null : '' }
  }
  const unreadable = await eachHash(folder, files, watched, (name, hash) => {
    files[name]!.sha256 = hash
    return null
  })
  if (unreadable) throw new Error(unreadable)
  return files
}

async function namesIn(folder: string, inside = ''): Promise<string[]> {
  const names: string[] = []
  for (const entry of await fs.readdir(path.join(folder, inside), { withFileTypes: true })) {
    const name = inside ? `${inside}/${entry.name}` : entry.name
    if (entry.isDirectory()) names.push(...(await namesIn(folder, name)))
    else names.push(name)
  }
  return names.sort()
}

/**
 * The cheap check, made at every start: that every file is there and as large as it was.
 * @returns what is wrong with the first that is not, as a clause; null where all are right
 */
export async function wrongSize(folder: string, files: FileRecords): Promise<string | null> {
  for (const [name, { bytes }] of Object.entries(files)) {
    const at = path.join(folder, name)
    const found = await fs.stat(at).catch(() => null)
    if (!found) return `${at} is missing`
    if (found.size !== bytes) return `${at} has ${found.size} bytes instead of ${bytes}`
  }
  return null
}

/**
 * The whole check: sizes, then the contents of every file of which there is a hash.
 * @returns what is wrong with the first that is not as it was, as a clause; null where all are right
 */
export async function wrongContent(
  folder: string,
  files: FileRecords,
  watched: Watched = {},
): Promise<string | null> {
  const size = await wrongSize(folder, files)
  if (size) return size
  return eachHash(folder, files, watched, (name, hash) =>
    hash === files[name]!.sha256 ? null : `${path.join(folder, name)} is not what was installed`,
  )
}

/** Reads every file that has a hash, until `take` answers something else than null, which is the result. */
async function eachHash(
  folder: string,
  files: FileRecords,
  { signal, onBytes }: Watched,
  take: (name: string, hash: string) => string | null,
): Promise<string | null> {
  const hashed = Object.entries(files).filter(([, file]) => file.sha256 !== null)
  const total = hashed.reduce((sum, [, { bytes }]) => sum + bytes, 0)
  let before = 0
  for (const [name, { bytes }] of hashed) {
    throwIfAborted(signal)
    const at = path.join(folder, name)
    let hash: string
    try {
      hash = await sha256(at, { signal, onBytes: (done) => onBytes?.(before + done, total) })
    } catch (error) {
      throwIfAborted(signal)
      // A damaged disk refuses to read what it has lost.
      return `${at} cannot be read (${messageOf(error)})`
    }
    const result = take(name, hash)
    if (result !== null) return result
    before += bytes
  }
  return null
}
