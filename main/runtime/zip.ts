import * as fs from 'node:fs'
import { mkdir } from 'node:fs/promises'
import * as path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openPromise, type Entry } from 'yauzl'
import { throwIfAborted } from './types'

/** Written is what has reached the disk itself. Node before 20.10 knows no such option, and leaves it to the system. */
const ON_DISK = { flush: true } as object

/** A program stays one: the archive keeps Unix's rights in the upper half. */
const modeOf = ({ externalFileAttributes }: Entry) =>
  (externalFileAttributes >>> 16) & 0o100 ? { mode: 0o755 } : {}

interface UnpackOptions {
  signal?: AbortSignal
  /** Bytes written so far, of all that will be. */
  onBytes?: (done: number, total: number) => void
}

/**
 * Unpacks some members of a zip file, one after the other, each as a stream: a wheel of hundreds of megabytes is
 * never in memory. yauzl reads the archive's directory first, refuses names that lead out of a folder, and ends a
 * member whose size differs from what the directory says.
 * @param place the path inside `folder` for a member's name; null leaves it out
 * @returns how many members there were
 * @throws Error for what is no zip file, an unsafe name or a damaged member; the signal's reason when it aborts
 */
export async function unpack(
  archive: string,
  folder: string,
  place: (name: string) => string | null,
  { signal, onBytes }: UnpackOptions = {},
): Promise<number> {
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false })
  try {
    const wanted: { entry: Entry; target: string }[] = []
    for await (const entry of zip.eachEntry()) {
      const inside = entry.fileName.endsWith('/') ? null : place(entry.fileName)
      if (inside === null) continue
      const target = path.resolve(folder, inside)
      if (!target.startsWith(path.resolve(folder) + path.sep))
        throw new Error(`unsafe name ${entry.fileName}`)
      wanted.push({ entry, target })
    }
    const total = wanted.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0)
    let done = 0
    for (const { entry, target } of wanted) {
      throwIfAborted(signal)
      await mkdir(path.dirname(target), { recursive: true })
      const count = new Transform({
        transform(chunk: Buffer, _encoding, callback) {
          done += chunk.length
          onBytes?.(done, total)
          callback(null, chunk)
        },
      })
      const source = await zip.openReadStreamPromise(entry)
      await pipeline(source, count, fs.createWriteStream(target, { ...ON_DISK, ...modeOf(entry) }), {
        signal,
      })
    }
    return wanted.length
  } finally {
    zip.close()
  }
}
