import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { replaceFileNow } from '../../../files/write-now'
import type { OpenedFile } from '../run-folder'
import {
  partsOf,
  readSafetensors,
  type ArraySource,
  type SafetensorsFile,
  type WrittenType,
} from './safetensors-format'

export type { ArraySource, SafetensorsFile, WrittenType } from './safetensors-format'

/**
 * Writes a file in whole or not at all; the old one stays until then.
 * @param mode of a new file
 * @throws Error of the system, such as ENOSPC
 */
export function writeSafetensors(
  file: string,
  metadata: ReadonlyMap<string, string>,
  arrays: readonly ArraySource[],
  type: WrittenType = 'F32',
  mode = 0o600,
): void {
  replaceFileNow(file, partsOf(metadata, arrays, type), mode)
}

/**
 * Opens a file for reading; close it afterwards.
 * @param parse the header's text
 * @throws Error in one line where the file is cut, damaged, or of another format
 */
export function openSafetensors(file: string, parse?: (text: string) => unknown): SafetensorsFile {
  return readSafetensors(openFile(file), parse)
}

/** A file on this machine's disk. @throws Error of the system */
export function openFile(file: string): OpenedFile {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    return {
      size,
      read(from, bytes) {
        let at = 0
        while (at < bytes.length) {
          const count = readSync(handle, bytes, at, bytes.length - at, from + at)
          if (count === 0) throw new Error('it ends too early')
          at += count
        }
      },
      close: () => closeSync(handle),
    }
  } catch (error) {
    closeSync(handle)
    throw error
  }
}
