import * as fs from 'node:fs'
import { Writable } from 'node:stream'
import { InputError, messageOf } from '../../shared/base/errors'
import { PROGRAM } from '../../shared/base/program'
import { keepAs, temporaryOf, withoutTemporary } from '../files/write'
import type { RunLibrary } from './library'

/**
 * Writes a run's archive to a file, whole or not at all.
 * @param replaces whether a file that is there gives way: where a dialog has asked
 * @throws InputError where there is a file already; Error that names cause and hint
 */
export async function exportToFile(
  library: RunLibrary,
  run: string,
  file: string,
  replaces: boolean,
): Promise<void> {
  const temporary = temporaryOf(file)
  try {
    const target = fs.createWriteStream(temporary, { flags: 'wx', mode: 0o666 })
    // Also one that comes when nothing is written any more.
    target.on('error', () => {})
    await library.export(run, target)
    if (replaces) fs.renameSync(temporary, file)
    else await keepAs(file, temporary)
  } catch (error) {
    if (error instanceof InputError) throw error
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new InputError(file, 'there is a file of this name already', 'Give another name.')
    throw new Error(
      `${file} could not be written (${messageOf(error)}). Choose another folder or free some space.`,
      {
        cause: error,
      },
    )
  } finally {
    withoutTemporary(temporary)
  }
}

/** Bytes of an archive that a page is given: it holds all of it in memory, and as text. */
export const MOST_BYTES = 48 * 2 ** 20

/** A run's archive, in memory. @throws Error where it is larger than a page takes */
export async function exportToBytes(library: RunLibrary, run: string): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  const target = new Writable({
    write(part: Buffer, _encoding, callback) {
      parts.push(part)
      size += part.length
      const most = `${Math.round(MOST_BYTES / 2 ** 20)} MB`
      callback(
        size > MOST_BYTES
          ? new Error(`This run takes more than ${most}. Export it by \`${PROGRAM} runs export ${run}\`.`)
          : null,
      )
    },
  })
  await library.export(run, target)
  return Buffer.concat(parts)
}
