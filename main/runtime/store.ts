import * as fs from 'node:fs/promises'
import { existsSync } from 'node:fs'
import * as path from 'node:path'
import { replaceFile } from '../files/write'
import { isRecord, wrongSize, type FileRecords } from './integrity'
import { RuntimeError, type TensorFlowLibrary, type RuntimeStatus } from './types'

// <cache>/runtime/
//   current.json       which of the folders below is in use
//   lib-.../           one installed library: library.json, lib/, include/, binding/tfjs_binding.node
//   tmp-.../           an installation under way; a leftover if nobody holds the lock
//   downloads/         verified or resumable downloads of an installation that has not finished; pip-.../ as tmp-.../
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

export const RECORD = 'library.json'
/** One cache may serve several users. */
const PUBLIC = 0o644

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
  /** What every file was when it was installed; missing in what version 0.1 installed. */
  files?: FileRecords
}

const INSTALL = 'Run `npx residual-lab runtime install`.'
export const REPAIR = 'Run `npx residual-lab runtime install` to repair it.'
const LINK =
  'Point at one with `npx residual-lab runtime use PATH`, or run `npx residual-lab runtime install`.'

interface Trouble {
  problem: string
  hint: string
}

/** The record of the library in use, with its folder. */
export async function readInstalled(
  cache: string,
  platform: string,
): Promise<{ folder: string; record: Installed } | Trouble> {
  const trouble = (problem: string): Trouble => ({ problem, hint: INSTALL })
  const { root, current } = layout(cache)
  if (!existsSync(current)) return trouble("TensorFlow's library is not installed.")
  let folder: string
  let record: Installed
  try {
    const named = JSON.parse(await fs.readFile(current, 'utf8')) as { folder: string }
    folder = path.join(root, path.basename(named.folder))
    record = JSON.parse(await fs.readFile(recordFile(folder), 'utf8')) as Installed
    if (!Array.isArray(record.libraries) || !isRecord(record.files ?? {})) throw new Error('no record')
  } catch {
    return trouble(`The record of the installed library in ${root} cannot be read.`)
  }
  if (record.platform !== platform) {
    return trouble(`The installed library is for ${record.platform}, and this is ${platform}.`)
  }
  return { folder, record }
}

const bindingIn = (folder: string) => path.join(folder, 'binding', 'tfjs_binding.node')
const recordFile = (folder: string) => path.join(folder, RECORD)

/** What is installed, judged by the names and sizes of its files: nothing is loaded. */
export async function readStatus(cache: string, platform: string): Promise<RuntimeStatus> {
  const status: RuntimeStatus = { library: null, problem: null, hint: null, cacheFolder: cache, platform }
  const installed = await readInstalled(cache, platform)
  if ('problem' in installed) return { ...status, ...installed }
  const { folder, record } = installed
  const missing = [bindingIn(folder), ...record.libraries.map((name) => path.join(folder, 'lib', name))].find(
    (file) => !existsSync(file),
  )
  const wrong = missing ? `${missing} is missing` : await wrongSize(folder, record.files ?? {})
  if (wrong) return { ...status, ...damage(record, wrong) }
  const { version, source, device, note, linked } = record
  const bindingPath = bindingIn(folder)
  const library = { path: linked ?? path.join(folder, 'lib'), bindingPath, version, source, device, note }
  return { ...status, library }
}

/** What is said of a library of which something is wrong. @param wrong a clause */
export function damage({ linked }: Installed, wrong: string): Trouble {
  if (linked)
    return { problem: `The TensorFlow installation at ${linked} is gone or has changed.`, hint: LINK }
  const problem = wrong.endsWith(' is missing')
    ? `The installed library is incomplete: ${wrong}.`
    : `The installed library is damaged: ${wrong}.`
  return { problem, hint: REPAIR }
}

/** Writes down what the files of a library are that was installed without. */
export const addRecord = (folder: string, record: Installed): Promise<void> =>
  replaceFile(recordFile(folder), text(record), PUBLIC)

const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** Makes a finished folder the one in use. Until the last line the old one is. */
export async function activate(
  cache: string,
  staging: string,
  record: Installed,
): Promise<TensorFlowLibrary> {
  const { root, current } = layout(cache)
  await addRecord(staging, record)
  const name = `lib-${record.version}-${record.source}-${Date.now().toString(36)}`
  const previous = await currentFolder(cache)
  await fs.rename(staging, path.join(root, name))
  await replaceFile(current, text({ folder: name }), PUBLIC)
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
export async function removeLeftovers(cache: string): Promise<void> {
  const { root, downloads } = layout(cache)
  await removeExcept(root, [], 'tmp-')
  await removeExcept(downloads, [], 'pip-')
}

async function removeExcept(root: string, keep: (string | null)[], prefix: string): Promise<void> {
  for (const name of await fs.readdir(root)) {
    if (name.startsWith(prefix) && !keep.includes(name)) {
      await fs.rm(path.join(root, name), { recursive: true, force: true }).catch(() => {})
    }
  }
}
