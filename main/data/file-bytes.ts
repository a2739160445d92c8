import * as fs from 'node:fs'
import { Readable, pipeline } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { InputError, messageOf } from '../../shared/base/errors'
import { readBytes } from '../files/read'

/** Bytes of one piece of a file. */
export const PIECE_BYTES = 2 ** 20
/** What is read as a whole is held in memory, and is there twice for a moment. */
export const MOST_BYTES = 2 ** 31 - 1

const isPacked = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b

/** A file's bytes, unpacked where they are packed. @throws InputError */
export function contentOf(file: string): Uint8Array {
  let bytes: Buffer
  try {
    bytes = readBytes(file, MOST_BYTES)
  } catch (error) {
    throw unreadable(file, error)
  }
  if (!isPacked(bytes)) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ERR_BUFFER_TOO_LARGE') throw damaged(file)
    const hint = 'Unpack it first: of a file that is not packed, pieces are read.'
    throw new InputError(file, 'it is too large for memory when unpacked', hint)
  }
}

/** What a file begins with, unpacked. @throws InputError */
export async function headOf(file: string, most: number): Promise<{ head: Uint8Array; isPacked: boolean }> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of bytesOf(file)) {
    parts.push(part)
    size += part.length
    if (size >= most) break
  }
  return { head: Buffer.concat(parts).subarray(0, most), isPacked: isPacked(beginningOf(file)) }
}

/**
 * All of a file piece by piece, unpacked where it is packed.
 * @param onRead hears of the bytes that were read of the file @throws InputError
 */
export async function* bytesOf(
  file: string,
  onRead: (bytes: number) => Promise<void> = async () => {},
): AsyncGenerator<Uint8Array, void> {
  const packed = isPacked(beginningOf(file))
  const source = Readable.from(piecesOfFile(file, onRead), { objectMode: false })
  // An error of any of them comes out of the last one, which is the one that is read.
  const last = packed ? pipeline(source, createGunzip({ chunkSize: PIECE_BYTES }), () => {}) : source
  try {
    for await (const part of last) yield part as Uint8Array
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw packed && /^Z_/.test(code ?? '') ? damaged(file) : error
  }
}

async function* piecesOfFile(file: string, onRead: (bytes: number) => Promise<void>) {
  const handle = await fs.promises.open(file, 'r')
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, null)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      await onRead(bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** Its first bytes. @throws InputError for what cannot be read, or is no file */
function beginningOf(file: string): Uint8Array {
  try {
    // Opening a pipe without a writer would wait.
    const descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
    try {
      if (!fs.fstatSync(descriptor).isFile()) throw new Error('it is a pipe or a device, not a file')
      const bytes = Buffer.alloc(2)
      return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, 2, 0))
    } finally {
      fs.closeSync(descriptor)
    }
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): InputError {
  const { code } = error as NodeJS.ErrnoException
  const what = code === 'ENOENT' ? 'there is no such file' : messageOf(error)
  return new InputError(
    file,
    what,
    'Give a file that can be read. Archives and packed files have to fit into memory: unpack larger ones first.',
  )
}

const damaged = (file: string) =>
  new InputError(
    file,
    'its compression is damaged, or it is cut off',
    'Get the file again, or import a part of it.',
  )
