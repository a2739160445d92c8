import * as fs from 'node:fs'
import { InputError } from '../../shared/base/errors'
import type { Values } from '../../shared/data/description'

/** Bytes read at once where pieces follow each other. */
const AHEAD = 2 ** 20

/** Where in a file values lie. */
export interface StoredPlace {
  isBytes: boolean
  /** Bytes before the first of them. */
  start: number
  length: number
}

/** A file of which pieces are read. It must stay as it is. */
export class StoredFile {
  /** As it was when it was checked. */
  private readonly size: number
  private readonly mtimeMs: number
  private descriptor: number | null = null
  /** The piece that was read last. */
  private cached: { at: number; bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) }

  constructor(readonly path: string) {
    const { size, mtimeMs } = fs.statSync(path)
    this.size = size
    this.mtimeMs = mtimeMs
  }

  /**
   * Bytes `at` up to `at + count`; those that follow the ones that were read last are read ahead.
   * @throws InputError where the file is another meanwhile
   */
  read(at: number, count: number): Buffer {
    const { cached } = this
    const end = cached.at + cached.bytes.length
    if (at >= cached.at && at + count <= end)
      return cached.bytes.subarray(at - cached.at, at - cached.at + count)
    const most = at >= cached.at && at <= end ? Math.max(count, AHEAD) : count
    const bytes = Buffer.allocUnsafeSlow(Math.min(most, this.size - at))
    const descriptor = this.open()
    for (let done = 0; done < bytes.length;) {
      const read = fs.readSync(descriptor, bytes, done, bytes.length - done, at + done)
      if (read === 0) throw this.changed()
      done += read
    }
    this.cached = { at, bytes }
    return bytes.subarray(0, count)
  }

  /** It is open for as long as whoever reads does not wait, so that it can be removed meanwhile, on Windows, too. */
  private open(): number {
    if (this.descriptor !== null) return this.descriptor
    let descriptor: number
    try {
      descriptor = fs.openSync(this.path, 'r')
    } catch {
      throw this.changed()
    }
    this.descriptor = descriptor
    setImmediate(() => {
      this.descriptor = null
      fs.closeSync(descriptor)
    })
    const { size, mtimeMs } = fs.fstatSync(descriptor)
    if (size !== this.size || mtimeMs !== this.mtimeMs) throw this.changed()
    return descriptor
  }

  private changed(): InputError {
    return new InputError(
      'data',
      `${this.path} was removed or changed while it was read`,
      'Start again; where that says so, too, import the data set again.',
    )
  }
}

/** Values of a data set that is larger than what is held in memory. */
export class StoredValues implements Values {
  readonly length: number
  readonly byteLength: number
  private readonly each: number

  constructor(
    readonly file: StoredFile,
    private readonly place: StoredPlace,
  ) {
    this.each = place.isBytes ? 1 : 4
    this.length = place.length
    this.byteLength = place.length * this.each
  }

  subarray(from: number, to: number): Uint8Array | Float32Array {
    const { isBytes, start } = this.place
    const end = Math.min(to, this.length)
    const bytes = this.file.read(start + from * this.each, Math.max(0, end - from) * this.each)
    if (isBytes) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    // Floats want their place in memory.
    return new Float32Array(new Uint8Array(bytes).buffer)
  }
}
