/** The files of one run, in its folder. */
import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Owner } from '../../../bin/lib/lock.mjs'
import { readDocument } from '../../../shared/base/document'
import { InputError, messageOf } from '../../../shared/base/errors'
import { decodeMessage, encodeMessage } from '../../../shared/protocol/transport'
import { parseRunEntry, type RunEntry } from '../../../shared/runs/run'
import { readTextFile } from '../../files/read'

export const RUN_FILE = 'run.json'
export const EXPERIMENT_FILE = 'experiment.json'
export const RESULT_FILE = 'result.json'
export const CURVES_FILE = 'curves.csv'
export const ENVIRONMENT_FILE = 'environment.json'
/** What a search over depths has done so far. */
export const CELLS_FILE = 'cells.json'

/** The form of run.json that this program writes. */
const VERSION = 1
/** Bytes. */
const LARGEST_ENTRY = 2 ** 20

/** What run.json holds. */
export interface StoredRun {
  entry: RunEntry
  /** What was asked for beside the experiment: a job's request without it. */
  request: Record<string, unknown>
  /** The process that works on it; null: none does. */
  owner: Owner | null
}

/** A run that a newer version of the program has written. */
export class NewerRun extends Error {
  override readonly name = 'NewerRun'
}

export function storedText({ entry, request, owner }: StoredRun): string {
  return `${encodeMessage({ version: VERSION, entry, request, owner })}\n`
}

/** @throws NewerRun; Error with what is wrong, as a clause; one of the system's has its `code` */
export function readStored(library: string, id: string): StoredRun {
  const text = readTextFile(path.join(library, id, RUN_FILE), LARGEST_ENTRY)
  return parseStored(text, id)
}

/** @param id of the folder, which the document has to be of; null: any @throws as readStored */
export function parseStored(text: string, id: string | null): StoredRun {
  try {
    readDocument(text, RUN_FILE, '')
    const { version, entry, request, owner } = objectOr(decodeMessage(text), NOTHING)
    if (typeof version === 'number' && version > VERSION)
      throw new NewerRun(`a newer version of Residual Lab wrote it (its form is ${version}, not ${VERSION})`)
    if (version !== VERSION) throw new Error(`it says no version, or another than ${VERSION}`)
    const parsed = parseRunEntry(entry, RUN_FILE)
    if (id !== null && parsed.id !== id) throw new Error(`it is of another run, ${parsed.id}`)
    return { entry: parsed, request: objectOr(request, NOTHING), owner: ownerOf(owner) }
  } catch (error) {
    if (error instanceof InputError) throw new Error(`${error.where}: ${error.what}`, { cause: error })
    throw error
  }
}

const NOTHING: Record<string, unknown> = {}

const objectOr = (value: unknown, otherwise: Record<string, unknown>) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : otherwise

function ownerOf(value: unknown): Owner | null {
  const { pid, born, host, token } = objectOr(value, NOTHING)
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof token !== 'string') return null
  return { pid, born: typeof born === 'string' ? born : null, host, token }
}

/** What tells one state of a file from the next: every change is a new file under the old name. */
export function stampOf(file: string): string {
  const { mtimeMs, size, ino } = fs.statSync(file)
  return `${mtimeMs}-${size}-${ino}`
}

/** Bytes of all files in a run's folder. */
export function bytesOf(folder: string): number {
  let sum = 0
  for (const name of fs.readdirSync(folder)) {
    try {
      const found = fs.lstatSync(path.join(folder, name))
      if (found.isFile()) sum += found.size
      if (found.isDirectory()) sum += bytesOf(path.join(folder, name))
    } catch {
      // Gone meanwhile.
    }
  }
  return sum
}

export { messageOf as reasonOf }
