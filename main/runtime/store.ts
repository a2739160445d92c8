import * as fs from 'node:fs/promises'
import { existsSync } from 'node:fs'
import * as path from 'node:path'
import { replaceFile } from '../files/write'
import { RuntimeError, type TensorFlowLibrary, type RuntimeStatus } from './types'

// <cache>/runtime/
//   current.json       which of the folders below is in use
//   lib-.../           one installed library: library.json, lib/, include/, binding/tfjs_binding.node
//   tmp-.../           an installation under way; a leftover if nobody holds the lock
//   downloads/         verified or resumable downloads of an installation that has not finished
//   lock/              held by the process that installs
export const layout = (cache: string) => {
  const root = path.join(cache, 'runtime')
  return {
    root,
    current: path.join(root, 'current.json'),
    lock: path.join(root, 'lock'),
    downloads: path.join(root, 'downloads'),
  }
}

export interface Installed {
  version: string
  source: TensorFlowLibrary['source']
  device: TensorFlowLibrary['device']
  note: string | null
  platform: string
  /** File names in lib/. */
  libraries: string[]
  /** The user's own folder that lib/ links to, or null. */
  linked: string | null
}

const INSTALL = 'Run `npx residual-lab runtime install`.'

/** What is installed, judged by looking at the files only: nothing is loaded. */
export async function readStatus(cache: string, platform: string): Promise<RuntimeStatus> {
  const status: RuntimeStatus = { library: null, problem: null, hint: null, cacheFolder: cache, platform }
  const trouble = (problem: string, hint = INSTALL): RuntimeStatus => ({ ...status, problem, hint })
  const { root, current } = layout(cache)
  if (!existsSync(current)) return trouble("TensorFlow's library is not installed.")
  let folder: string
  let record: Installed
  try {
    const named = JSON.parse(await fs.readFile(current, 'utf8')) as { folder: string }
    folder = path.join(root, path.basename(named.folder))
    record = JSON.parse(await fs.readFile(path.join(folder, 'library.json'), 'utf8')) as Installed
  } catch {
    return trouble(`The record of the installed library in ${root} cannot be read.`)
  }
  if (record.platform !== platform) {
    return trouble(`The installed library is for ${record.platform}, and this is ${platform}.`)
  }
  const bindingPath = path.join(folder, 'binding', 'tfjs_binding.node')
  const missing = [bindingPath, ...record.libraries.map((name) => path.join(folder, 'lib', name))].find(
    (file) => !existsSync(file),
  )
  if (missing) {
    return record.linked
      ? trouble(
          `The TensorFlow installation at ${record.linked} is gone or has changed.`,
          'Point at one with `npx residual-lab runtime use PATH`, or run `npx residual-lab runtime install`.',
        )
      : trouble(`The installed library is incomplete: ${missing} is missing.`)
  }
  const { version, source, device, note } = record
  const library = {
    path: record.linked ?? path.join(folder, 'lib'),
    bindingPath,
    version,
    source,
    device,
    note,
  }
  return { ...status, library }
}

/** Makes a finished folder the one in use. Until the last line the old one is. */
export async function activate(
  cache: string,
  staging: string,
  record: Installed,
): Promise<TensorFlowLibrary> {
  const { root, current } = layout(cache)
  await fs.writeFile(path.join(staging, 'library.json'), `${JSON.stringify(record, null, 2)}\n`)
  const name = `lib-${record.version}-${record.source}-${Date.now().toString(36)}`
  const previous = await currentFolder(cache)
  await fs.rename(staging, path.join(root, name))
  await replaceFile(current, `${JSON.stringify({ folder: name }, null, 2)}\n`)
  // The one before stays: a running lab may still start workers on it. Older ones go.
  await removeExcept(root, [name, previous], 'lib-')
  const { library, problem, hint } = await readStatus(cache, record.platform)
  if (!library) throw new RuntimeError(problem ?? 'The installed library cannot be found.', hint ?? INSTALL)
  return library
}

async function currentFolder(cache: string): Promise<string | null> {
  try {
    return (JSON.parse(await fs.readFile(layout(cache).current, 'utf8')) as { folder: string }).folder
  } catch {
    return null
  }
}

/** Removes what an interrupted installation left. Only for the holder of the lock. */
export const removeLeftovers = (cache: string): Promise<void> => removeExcept(layout(cache).root, [], 'tmp-')

async function removeExcept(root: string, keep: (string | null)[], prefix: string): Promise<void> {
  for (const name of await fs.readdir(root)) {
    if (name.startsWith(prefix) && !keep.includes(name)) {
      await fs.rm(path.join(root, name), { recursive: true, force: true }).catch(() => {})
    }
  }
}
