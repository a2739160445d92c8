import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { RECIPE, canCompile, prebuiltBinding } from './compile'
import { makeContext, type Context, type RuntimeOptions } from './context'
import { link } from './link'
import type { Found } from './locate'
import { ROOM_FOR_BINDING, exclusively, finish, roomFor } from './staging'
import { RECORD, addRecord, readInstalled } from './store'
import { isAbort, type TensorFlowLibrary } from './types'
import { checkPresent } from './verify'

/**
 * A binding of today's making for what is installed, for a start: made once, of sound files only, and without a
 * download. Null where there is nothing to make, or it cannot be made.
 */
export async function renew(options: RuntimeOptions): Promise<TensorFlowLibrary | null> {
  const context = makeContext(options)
  const old = await outdated(context)
  if (!old || old.record.recipeTried === RECIPE) return null
  return exclusively(context, async (staging) => {
    const { library } = await checkPresent(context, staging)
    return library && (await renewed(context, staging))
  })
}

/** What is installed, where it has a binding of an earlier making and could have one of today's; else null. */
async function outdated(context: Context) {
  const installed = await readInstalled(context)
  if ('problem' in installed) return null
  const { recipe = 1, version } = installed.record
  if (recipe >= RECIPE) return null
  return canCompile(context) || prebuiltBinding(context, version) !== null ? installed : null
}

/** What is installed, with a binding of today's making; null where it has that, or none can be made. */
export async function renewed(context: Context, staging: string): Promise<TensorFlowLibrary | null> {
  const old = await outdated(context)
  if (!old) return null
  const { folder, record } = old
  try {
    await fs.rm(staging, { recursive: true, force: true })
    await fs.mkdir(staging, { recursive: true })
    if (record.linked) return await link(context, record.linked, staging)
    await roomFor(context, ROOM_FOR_BINDING)
    const others = (await fs.readdir(folder)).filter((name) => !['binding', RECORD].includes(name))
    for (const name of others) await linkTree(path.join(folder, name), path.join(staging, name))
    const found: Found = {
      libraryFolder: path.join(staging, 'lib'),
      libraries: record.libraries,
      headers: path.join(staging, 'include'),
      version: record.version,
      nvidia: null,
    }
    return await finish(context, staging, found, record.source, record.cuda ?? false)
  } catch (error) {
    if (isAbort(error)) throw error
    // The one that is there works as it did.
    await addRecord(folder, { ...record, recipeTried: RECIPE })
    return null
  }
}

/** The same files in another folder of the same disk: gigabytes of them take no second place. */
async function linkTree(from: string, to: string): Promise<void> {
  const found = await fs.lstat(from)
  if (found.isSymbolicLink()) return fs.symlink(await fs.readlink(from), to)
  if (!found.isDirectory()) return fs.link(from, to)
  await fs.mkdir(to, { recursive: true })
  for (const name of await fs.readdir(from)) await linkTree(path.join(from, name), path.join(to, name))
}
