/** A run as one .zip file: its folder's documents under its id. */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fromBufferPromise, openPromise, type Entry, type ZipFile } from 'yauzl'
import { ZipFile as NewZipFile } from 'yazl'
import { InputError, messageOf } from '../../../shared/base/errors'
import { show } from '../../../shared/base/check'
import { memberProblem } from '../../files/zip'
import { CHECKPOINT_FILE } from '../../trainer/engine/checkpoint/checkpoint'
import { CELLS_FILE, CURVES_FILE, ENVIRONMENT_FILE, EXPERIMENT_FILE, RESULT_FILE, RUN_FILE } from './stored'

const MB = 2 ** 20

/** All files that a run may have, and the bytes that each may have in an archive. */
const FILES: Record<string, number> = {
  [RUN_FILE]: MB,
  [EXPERIMENT_FILE]: 8 * MB,
  [RESULT_FILE]: 256 * MB,
  [CURVES_FILE]: 256 * MB,
  [ENVIRONMENT_FILE]: MB,
  [CELLS_FILE]: 256 * MB,
  [CHECKPOINT_FILE]: 4096 * MB,
}

/** Parameters are as good as random: no file gets smaller by work on them. */
const isCompressed = (name: string) => name !== CHECKPOINT_FILE

/**
 * Writes an archive.
 * @param texts documents by name that stand in for those of the folder
 * @throws Error of the system
 */
export async function writeArchive(
  folder: string,
  id: string,
  texts: Record<string, string>,
  target: Writable,
): Promise<void> {
  const zip = new NewZipFile()
  const failed = new Promise<never>((_, reject) => zip.on('error', reject))
  for (const name of Object.keys(FILES)) {
    const own = path.join(folder, name)
    const options = { compress: isCompressed(name), mode: 0o100600 }
    if (name in texts) zip.addBuffer(Buffer.from(texts[name]), `${id}/${name}`, options)
    else if (fs.existsSync(own)) zip.addFile(own, `${id}/${name}`, options)
  }
  zip.end()
  await Promise.race([pipeline(zip.outputStream, target), failed])
}

/**
 * Unpacks an archive into an empty folder, in which nothing but a run's files can come to be: names are held against
 * the list of them, sizes against what the archive says and against what is true.
 * @param source its path, or its bytes
 * @throws InputError for what is no run's archive
 */
export async function readArchive(source: string | Buffer, folder: string, where: string): Promise<void> {
  const refuse = (what: string) => new InputError(where, what, 'Give the .zip file of an exported run.')
  let zip: ZipFile
  try {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true }
    zip =
      typeof source === 'string'
        ? await openPromise(source, options)
        : await fromBufferPromise(source, options)
  } catch (error) {
    throw refuse(`it cannot be read as a .zip file (${messageOf(error)})`)
  }
  try {
    const entries = await listed(zip, refuse)
    for (const { name, entry } of entries) {
      let left = entry.uncompressedSize
      const count = new Transform({
        transform(chunk: Buffer, _encoding, callback) {
          left -= chunk.length
          callback(left < 0 ? new Error('it is larger than it says') : null, chunk)
        },
      })
      const stream = await zip.openReadStreamPromise(entry)
      const target = path.join(folder, name)
      await pipeline(stream, count, fs.createWriteStream(target, { flags: 'wx', mode: 0o600 }))
    }
  } catch (error) {
    if (error instanceof InputError || isOfDisk(error)) throw error
    throw refuse(`it is damaged (${messageOf(error)})`)
  } finally {
    zip.close()
  }
}

/** What the system says of the folder that is written to. */
const isOfDisk = (error: unknown) => ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'].includes(codeOf(error))
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''

/** The run's files in an archive, all of it looked at before anything is unpacked. */
async function listed(
  zip: ZipFile,
  refuse: (what: string) => Error,
): Promise<{ name: string; entry: Entry }[]> {
  const most = Object.keys(FILES).length
  // Folders have entries of their own in archives that other programs made.
  if (zip.entryCount > most + 1)
    throw refuse(`it holds ${zip.entryCount} files, and a run has at most ${most}`)
  const found = new Map<string, Entry>()
  let root: string | null = null
  for await (const entry of zip.eachEntry()) {
    const [, folder, name] = /^(?:([^/]+)\/)?([^/]*)$/.exec(entry.fileName) ?? []
    if (name === undefined || (folder === undefined && name === ''))
      throw refuse(`it holds ${show(entry.fileName)}, which is no file of a run`)
    if ((root ??= folder ?? '') !== (folder ?? '')) throw refuse('it holds more than one run')
    if (name === '') continue
    if (!Object.hasOwn(FILES, name))
      throw refuse(`it holds ${show(entry.fileName)}, which is no file of a run`)
    if (found.has(name)) throw refuse(`it holds ${name} twice`)
    const problem = memberProblem(entry, name, FILES[name])
    if (problem) throw refuse(problem)
    found.set(name, entry)
  }
  for (const name of [RUN_FILE, EXPERIMENT_FILE]) if (!found.has(name)) throw refuse(`it has no ${name}`)
  return [...found].map(([name, entry]) => ({ name, entry }))
}
