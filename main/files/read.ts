import * as fs from 'node:fs'
import { LONGEST_DOCUMENT } from '../../shared/base/document'

/** Bytes. */
const CHUNK = 2 ** 18

/** The text of a file that anyone may have named. @param most bytes @throws as `readBytes` */
export function readTextFile(file: string, most = LONGEST_DOCUMENT): string {
  const bytes = readBytes(file, most)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new Error('it is not text in UTF-8', { cause: error })
  }
}

/**
 * What a file holds: a pipe would be waited for without end, and a device never ends.
 * @param most bytes
 * @throws Error with what is wrong as a clause ("it is no file"); one of the system's has its `code`
 */
export function readBytes(file: string, most: number): Buffer {
  return readOpen(file, (descriptor, { size }) => {
    const bytes = size > most ? null : bytesOf(descriptor, size, most)
    if (!bytes) throw new Error(`it is larger than ${Math.round(most / 2 ** 20)} MB`)
    return bytes
  })
}

/** The first `count` bytes of a file; all that it has where it has fewer. @throws as `readBytes` */
export function readFirstBytes(file: string, count: number): Buffer {
  return readOpen(file, (descriptor, { size }) => {
    const bytes = Buffer.allocUnsafe(Math.min(size, count))
    let filled = 0
    for (let read = -1; read !== 0 && filled < bytes.length; filled += read)
      read = fs.readSync(descriptor, bytes, filled, bytes.length - filled, null)
    return bytes.subarray(0, filled)
  })
}

function readOpen(file: string, read: (descriptor: number, found: fs.Stats) => Buffer): Buffer {
  // Opening a pipe without a writer would wait too.
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  try {
    const found = fs.fstatSync(descriptor)
    if (found.isDirectory()) throw new Error('it is a folder')
    if (!found.isFile()) throw new Error('it is a pipe or a device, not a file')
    return read(descriptor, found)
  } finally {
    fs.closeSync(descriptor)
  }
}

/**
 * All bytes, also of a file that grows meanwhile or does not say its size (/proc); null where there are more.
 * @param expected what it says to have, which is read at once
 */
function bytesOf(descriptor: number, expected: number, most: number): Buffer | null {
  const parts: Buffer[] = []
  for (let size = 0; size <= most;) {
    const part = Buffer.allocUnsafe(size === 0 && expected > CHUNK ? expected : CHUNK)
    const count = fs.readSync(descriptor, part, 0, part.length, null)
    if (count === 0) return parts.length === 1 ? parts[0] : Buffer.concat(parts)
    parts.push(part.subarray(0, count))
    size += count
  }
  return null
}
