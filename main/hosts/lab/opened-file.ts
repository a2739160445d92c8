import { createHash } from 'node:crypto'
import { messageOf } from '../../../shared/base/errors'
import type { OpenedFile } from '../../../shared/protocol/protocol'
import { readTextFile } from '../../files/read'

/** What the page calls a file by: it may learn paths, and can ask for none that the host has not named. */
export const idOf = (file: string) => createHash('sha256').update(file).digest('hex').slice(0, 16)

/** A file that the user has named, in a dialog or on a command line. @throws Error that names cause and hint */
export async function readOpenedFile(file: string): Promise<OpenedFile> {
  try {
    return { path: file, text: readTextFile(file), id: idOf(file) }
  } catch (error) {
    const reason = messageOf(error)
    throw new Error(`${file} could not be opened (${reason}). Choose an experiment saved by Residual Lab.`, {
      cause: error,
    })
  }
}
