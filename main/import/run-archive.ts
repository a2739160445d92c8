import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError, messageOf } from '../../shared/base/errors'
import { readFirstBytes } from '../files/read'
import { zipNames } from '../files/zip'
import { RUN_FILE } from '../runs/library/stored'

/** Whether a file is a run's archive, which is no file of weights. @throws InputError where it cannot be read */
export async function isRunArchive(file: string): Promise<boolean> {
  return orRefused(file, async () => {
    if (!fs.statSync(file).isFile() || !isZip(readFirstBytes(file, 4))) return false
    return (await zipNames(file)).some((name) => path.posix.basename(name) === RUN_FILE)
  })
}

export const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b

/** What reading a file gives. @throws InputError with what is wrong with it, where it throws anything */
export async function orRefused<T>(file: string, work: () => Promise<T>): Promise<T> {
  const where = path.basename(path.resolve(file))
  try {
    return await work()
  } catch (error) {
    if (error instanceof InputError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw new InputError('PATH', `there is no ${file}`, 'Give a file or folder that is there.')
    // Libraries say more than one line.
    const why = messageOf(error).split('\n')[0].slice(0, 300)
    throw new InputError(where, `it cannot be read: ${why}`, 'Save it again, or export it again.')
  }
}
