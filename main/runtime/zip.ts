import * as fs from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import * as path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Transform } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import { throwIfAborted } from './types'

// A reader for one file whose checksum is already verified: no encryption, no zip64, no repair. It takes a few
// members out of a large archive without loading it, which needs only the archive's directory and zlib.
interface Entry {
  name: string
  method: number
  packed: number
  size: number
  offset: number
}

const END = 0x06054b50
const MEMBER = 0x02014b50
const LOCAL_HEADER = 30

async function entries(file: fs.promises.FileHandle, size: number): Promise<Entry[]> {
  const tail = Buffer.alloc(Math.min(size, 65_557))
  await file.read(tail, 0, tail.length, size - tail.length)
  let at = tail.length - 22
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--
  if (at < 0) throw new Error('not a zip file: no end record')
  const directory = Buffer.alloc(tail.readUInt32LE(at + 12))
  await file.read(directory, 0, directory.length, tail.readUInt32LE(at + 16))
  const found: Entry[] = []
  for (let p = 0; p + 46 <= directory.length && directory.readUInt32LE(p) === MEMBER;) {
    const nameLength = directory.readUInt16LE(p + 28)
    found.push({
      name: directory.toString('utf8', p + 46, p + 46 + nameLength),
      method: directory.readUInt16LE(p + 10),
      packed: directory.readUInt32LE(p + 20),
      size: directory.readUInt32LE(p + 24),
      offset: directory.readUInt32LE(p + 42),
    })
    p += 46 + nameLength + directory.readUInt16LE(p + 30) + directory.readUInt16LE(p + 32)
  }
  return found
}

/** Unpacks the members for which `place` gives a path inside `folder`. Returns how many there were. */
export async function unpack(
  archive: string,
  folder: string,
  place: (name: string) => string | null,
  options: { signal?: AbortSignal; onBytes?: (done: number, total: number) => void } = {},
): Promise<number> {
  const file = await open(archive, 'r')
  try {
    const wanted: { entry: Entry; target: string }[] = []
    for (const entry of await entries(file, (await file.stat()).size)) {
      const inside = entry.name.endsWith('/') ? null : place(entry.name)
      if (inside === null) continue
      const target = path.resolve(folder, inside)
      if (!target.startsWith(path.resolve(folder) + path.sep)) throw new Error(`unsafe name ${entry.name}`)
      wanted.push({ entry, target })
    }
    const total = wanted.reduce((sum, { entry }) => sum + entry.size, 0)
    let done = 0
    for (const { entry, target } of wanted) {
      throwIfAborted(options.signal)
      const header = Buffer.alloc(LOCAL_HEADER)
      await file.read(header, 0, LOCAL_HEADER, entry.offset)
      const start = entry.offset + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28)
      await mkdir(path.dirname(target), { recursive: true })
      if (entry.packed === 0) {
        fs.writeFileSync(target, '')
        continue
      }
      const source = fs.createReadStream(archive, { start, end: start + entry.packed - 1 })
      const count = new Transform({
        transform(chunk: Buffer, _encoding, callback) {
          done += chunk.length
          options.onBytes?.(done, total)
          callback(null, chunk)
        },
      })
      const sink = fs.createWriteStream(target)
      const abort = { signal: options.signal }
      if (entry.method === 8) await pipeline(source, createInflateRaw(), count, sink, abort)
      else await pipeline(source, count, sink, abort)
      if (fs.statSync(target).size !== entry.size)
        throw new Error(`${entry.name} is incomplete in the archive`)
    }
    return wanted.length
  } finally {
    await file.close()
  }
}
