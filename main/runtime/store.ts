import * as fs from 'node:fs/promises'
import { existsSync } from 'node:fs'
import * as path from 'node:path'
import { ownCommand, inOwnWords } from '../files/program'
import { platformName, type Context } from './context'
import { replaceFile } from '../files/write'
import { isRecord, wrongSize, type FileRecords } from './integrity'
import { RuntimeError, type TensorFlowLibrary, type RuntimeStatus } from './types'

// <cache>/runtime/
//   current.json       which of the folders below is in use
//   lib-.../           one installed library: library.json, lib/, include/, binding/tfjs_binding.node,
//                      and where CUDA was asked for nvidia/
//   tmp-.../           an installation under way; a leftover if nobody holds the lock
//   downloads/         verified or resumable downloads of an installation that has not finished; get-.../ as tmp-.../
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

// A full application carries a library, in the folder `runtime` beside its archive, with the same folders as lib-....
// Its library.json is in the archive: what says which bytes are right is not where the bytes could be exchanged.
const carriedBy = (archive: string) => ({
  folder: path.join(path.dirname(archive), 'runtime'),
  record: path.join(archive, 'runtime', RECORD),
})

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
  /** CUDA's parts lie in nvidia/, because the user has asked for the GPU. */
  cuda?: boolean
  /** How the binding was made (`RECIPE` of compile.ts); missing where in the first way. */
  recipe?: number
  /** The newest way in which it could not be made: a start does not try it again. */
  recipeTried?: number
  /** What every file was when it was installed; missing in what version 0.1 installed. */
  files?: FileRecords
}

const INSTALL = `Run ${ownCommand('runtime install')}.`
export const REPAIR = `Run ${ownCommand('runtime install')} to repair it.`
const LINK = `Point at one with ${ownCommand('runtime use PATH')}, or run ${ownCommand('runtime install')}.`

const bindingIn = (folder: string) => path.join(folder, 'binding', 'tfjs_binding.node')
const recordFile = (folder: string) => path.join(folder, RECORD)

export interface Trouble {
  problem: string
  hint: string
}

type Where = Pick<Context, 'cacheFolder' | 'platform' | 'arch' | 'resourcesPath'>

/** The record of what was installed, with its folder. */
export async function readInstalled(where: Where): Promise<{ folder: string; record: Installed } | Trouble> {
  const trouble = (problem: string): Trouble => ({ problem, hint: INSTALL })
  const { root, current } = layout(where.cacheFolder)
  if (!existsSync(current)) return trouble("TensorFlow's library is not installed.")
  let folder: string
  let record: Installed
  try {
    const named = JSON.parse(await fs.readFile(current, 'utf8')) as { folder: string }
    folder = path.join(root, path.basename(named.folder))
    record = await readRecord(recordFile(folder))
  } catch {
    return trouble(`The record of the installed library in ${root} cannot be read.`)
  }
  if (record.platform !== platformName(where)) {
    return trouble(`The installed library is for ${record.platform}, and this is ${platformName(where)}.`)
  }
  return { folder, record }
}

async function readRecord(file: string): Promise<Installed> {
  const record = JSON.parse(await fs.readFile(file, 'utf8')) as Installed
  if (!Array.isArray(record.libraries) || !isRecord(record.files ?? {})) throw new Error('no record')
  return record
}

/** The library that the application carries; null where it carries none. */
export async function readCarried(where: Where): Promise<Judged | null> {
  if (!carriesLibrary(where)) return null
  const { folder, record } = carriedBy(where.resourcesPath!)
  return judged({ folder, record: { ...(await readRecord(record)), source: 'application' } })
}

/** A library whose files all have the right names and sizes, with its folder and record. */
export interface Present {
  folder: string
  record: Installed
  library: TensorFlowLibrary
}

/** What is there as its names and sizes tell, without loading anything. */
export type Judged = Present | Trouble

export const carriesLibrary = ({ resourcesPath }: Where): boolean =>
  resourcesPath !== null && existsSync(carriedBy(resourcesPath).record)

export const wasInstalled = ({ cacheFolder }: Where): boolean => existsSync(layout(cacheFolder).current)

/** What was installed; where nothing was, what the application carries. */
export async function readChosen(where: Where): Promise<Judged> {
  const installed = await readInstalled(where)
  if (!('problem' in installed)) return judged(installed)
  return wasInstalled(where) ? installed : ((await readCarried(where)) ?? installed)
}

/** The library in use: a carried one stands in for an installation that is damaged. */
export async function readInUse(where: Where): Promise<Judged> {
  const chosen = await readChosen(where)
  if (!('problem' in chosen) || !wasInstalled(where)) return chosen
  const carried = await readCarried(where)
  if (!carried || 'problem' in carried) return chosen
  const note = `${chosen.problem} The library that the application carries stands in for it.`
  return { ...carried, library: { ...carried.library, note } }
}

async function judged({ folder, record }: { folder: string; record: Installed }): Promise<Judged> {
  const missing = [bindingIn(folder), ...record.libraries.map((name) => path.join(folder, 'lib', name))].find(
    (file) => !existsSync(file),
  )
  const wrong = missing ? `${missing} is missing` : await wrongSize(folder, record.files ?? {})
  if (wrong) return damage(record, wrong)
  const { version, source, device, linked } = record
  const note = record.note && inOwnWords(record.note)
  const bindingPath = bindingIn(folder)
  const library = { path: linked ?? path.join(folder, 'lib'), bindingPath, version, source, device, note }
  return { folder, record, library }
}

/** The library in use, as it is told. */
export async function readStatus(where: Where): Promise<RuntimeStatus> {
  const found = await readInUse(where)
  const { library, problem, hint } =
    'problem' in found ? { library: null, ...found } : { library: found.library, problem: null, hint: null }
  return { library, problem, hint, cacheFolder: where.cacheFolder, platform: platformName(where) }
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
export async function activate(where: Where, staging: string, record: Installed): Promise<TensorFlowLibrary> {
  const cache = where.cacheFolder
  const { root, current } = layout(cache)
  await addRecord(staging, record)
  const name = `lib-${record.version}-${record.source}-${Date.now().toString(36)}`
  const previous = await currentFolder(cache)
  await fs.rename(staging, path.join(root, name))
  await replaceFile(current, text({ folder: name }), PUBLIC)
  // The one before stays: a running lab may still start workers on it. Older ones go.
  await removeExcept(root, [name, previous], 'lib-')
  const { library, problem, hint } = await readStatus(where)
  if (!library) throw new RuntimeError(problem ?? 'The installed library cannot be found.', hint ?? INSTALL)
  return library
}

/** Gives up what was installed: its folder stays for whoever runs on it, until the next installation. */
export const deactivate = (cache: string): Promise<void> => fs.rm(layout(cache).current, { force: true })

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
  await removeExcept(downloads, [], 'get-')
}

async function removeExcept(root: string, keep: (string | null)[], prefix: string): Promise<void> {
  for (const name of await fs.readdir(root)) {
    if (name.startsWith(prefix) && !keep.includes(name)) {
      await fs.rm(path.join(root, name), { recursive: true, force: true }).catch(() => {})
    }
  }
}
