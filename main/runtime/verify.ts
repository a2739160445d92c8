// Whether the library in use is what was installed: a file that was cut or altered crashes whoever loads it, or passes.
import * as fs from 'node:fs/promises'
import { ownCommand } from '../files/program'
import { checkBinding } from './check'
import { makeContext, type Context, type RuntimeOptions } from './context'
import { recordFiles, wrongContent } from './integrity'
import { byteProgress } from './progress'
import {
  RECORD,
  addRecord,
  carriesLibrary,
  damage,
  deactivate,
  readChosen,
  readInUse,
  readInstalled,
  wasInstalled,
  type Installed,
  type Judged,
  type Present,
} from './store'
import { RuntimeError, isAbort, reason, type TensorFlowLibrary } from './types'

export interface Verified {
  library: TensorFlowLibrary
  /** How many files were read, and their bytes. */
  files: number
  bytes: number
  /** What could not be checked, and why; null where all was. */
  unchecked: string | null
}

/** Reads every file of the library in use. @throws RuntimeError naming the first that is not as it was installed */
export async function verifyRuntime(options: RuntimeOptions = {}): Promise<Verified> {
  const context = makeContext(options)
  const { library, record } = await readWhole(context, await readInUse(context))
  const read = Object.values(record.files ?? {}).filter(({ sha256 }) => sha256 !== null)
  const bytes = read.reduce((sum, file) => sum + file.bytes, 0)
  return { library, files: read.length, bytes, unchecked: unchecked(record) }
}

/** Every file of what was found. @throws RuntimeError naming the first that is not as it was installed */
async function readWhole(context: Context, found: Judged): Promise<Present> {
  if ('problem' in found) throw new RuntimeError(found.problem, found.hint)
  const { folder, record } = found
  const watched = { signal: context.signal, onBytes: checking(context) }
  const wrong = await wrongContent(folder, record.files ?? {}, watched)
  if (!wrong) return found
  const told = damage(record, wrong)
  throw new RuntimeError(told.problem, told.hint)
}

function unchecked({ linked, files }: Installed): string | null {
  if (!files) {
    return `An earlier version installed it without hashes: ${ownCommand('runtime install')} takes them.`
  }
  if (!linked) return null
  return `Its libraries are your own, in ${linked}: of them the lab has sizes, and no hashes.`
}

/** For whoever waits to hear why nothing runs: a dying disk may take minutes. */
const EXPLAIN_MS = 30_000

/** What can be said of a library that does not run, and what to do: sentences. Takes half a minute at most. */
export async function explainRuntime(options: RuntimeOptions = {}): Promise<string> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), EXPLAIN_MS)
  const outer = makeContext(options).signal
  const end = () => stop.abort()
  outer?.addEventListener('abort', end, { once: true })
  try {
    const found = await verifyRuntime({ ...options, signal: stop.signal })
    const { source } = found.library
    const files = found.unchecked ?? 'Its files are as they were installed.'
    const anew = source === 'user' ? '' : `, or install it anew with ${ownCommand('runtime install --force')}`
    return `${files} Choose another with ${ownCommand('runtime use PATH')}${anew}.`
  } catch (error) {
    if (error instanceof RuntimeError) return error.sentences
    const why = isAbort(error) ? `not in ${EXPLAIN_MS / 1000} s` : reason(error)
    return `Its files could not be checked (${why}). Run ${ownCommand('runtime verify')}.`
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', end)
  }
}

/** What is wrong with the library in use, and what to do; null where every file is as it was, or that is not known. */
export async function damageOfRuntime(options: RuntimeOptions = {}): Promise<string | null> {
  try {
    await verifyRuntime(options)
    return null
  } catch (error) {
    return error instanceof RuntimeError ? error.sentences : null
  }
}

interface Checked {
  library: TensorFlowLibrary | null
  /** What is wrong with what is there; null where nothing is there, or nothing wrong. */
  problem: string | null
}

/** What is installed or carried, every file of it read. What was installed without a record is tried, and gets one. */
export async function checkPresent(context: Context, staging: string): Promise<Checked> {
  try {
    const { library, folder, record } = await readWhole(context, await readChosen(context))
    if (!record.files) {
      await fs.mkdir(staging, { recursive: true })
      await checkBinding(context, library.bindingPath, staging)
      const files = await recordFiles(folder, { signal: context.signal, onBytes: checking(context) })
      // It cannot hold its own hash.
      delete files[RECORD]
      await addRecord(folder, { ...record, files })
    }
    return { library, problem: null }
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    const isThere = wasInstalled(context) || carriesLibrary(context)
    return { library: null, problem: isThere ? error.message : null }
  }
}

/** The library that the application carries, in place of what was installed. @throws RuntimeError if it is damaged */
export async function useCarried(context: Context, carried: Judged): Promise<TensorFlowLibrary> {
  const { library } = await readWhole(context, carried)
  await deactivate(context.cacheFolder)
  context.onProgress({ stage: 'done', message: `TensorFlow ${library.version} is ready` })
  return library
}

/** The user's own installation, where that is in use; found or not. */
export async function linkedFolder(context: Context): Promise<string | null> {
  const installed = await readInstalled(context)
  return 'record' in installed ? installed.record.linked : null
}

/** Shows how far the reading of all files is. */
export function checking(context: Context): (done: number, total: number) => void {
  let watch: ((done: number) => void) | undefined
  return (done, total) => {
    watch ??= byteProgress(context.onProgress, 'checking', "Checking the library's files", total)
    watch(done)
  }
}
