import type * as Library from 'h5wasm'
import { messageOf } from '../../../shared/base/errors'

export type Hdf5 = typeof Library

/**
 * HDF5 in a memory of its own, from which no file can be reached: whatever a file links to, nothing is read but its
 * bytes. Close it afterwards.
 * @param bytes of a file that is read; null: one is to be written
 */
export async function openHdf5(bytes: Uint8Array | null) {
  const library = await hdf5()
  const memory = library.FS!
  const file = `/${count++}.h5`
  if (bytes) memory.writeFile(file, bytes)
  return {
    library,
    /** The path in its memory. */
    file,
    bytes: () => memory.readFile(file) as Uint8Array,
    close() {
      if (memory.analyzePath(file).exists) memory.unlink(file)
    },
  }
}

let count = 0

/** Loaded where HDF5 is written or read, and not before: it is four megabytes. */
async function hdf5(): Promise<Hdf5> {
  try {
    const library = await import('h5wasm')
    const module = await library.ready
    // Otherwise the library prints what is wrong, and goes on.
    module.activate_throwing_error_handler()
    return library
  } catch (error) {
    throw new Error(`h5wasm, which reads and writes HDF5, could not be loaded (${messageOf(error)}).`, {
      cause: error,
    })
  }
}
