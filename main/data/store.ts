import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError, messageOf, suggestion } from '../../shared/base/errors'
import { DATA_SETS } from '../../shared/data/data-sets'
import {
  MOST_HELD_BYTES,
  isRegression,
  valuesOf,
  type DataDescription,
  type DataPart,
  type DataSet,
  type Labels,
} from '../../shared/data/description'
import { dataName, isDataName } from '../../shared/data/names'
import { parseOwnData } from '../../shared/settings/own-data'
import { readKeptData } from '../../shared/data/samples'
import { dataFolder, makePrivateFolder } from '../files/data-folder'
import { orByCommand } from '../files/program'
import { readBytes, readTextFile } from '../files/read'
import { putFolder, replaceFileNow, temporaryFolderOf } from '../files/write-now'
import { withoutTemporary } from '../files/write'
import { removedAtEnd } from '../runtime/tools'
import { bytesOfParts, dataHash } from './hash'
import { REMOVED } from './leftovers'
import { VALUES, forgetFolder, labelBytes, storedParts } from './store-samples'
import { StoredFile, StoredValues } from './stored-values'

/** Where the workbench has the data sets. */
const TAB = 'on the Data tab'

/**
 * Kept of a data set: a folder with `data.json`, and all values and labels in `values.bin` (see `DataSet`); of one that
 * is not held in memory also what its values were found to hash to, and as of when.
 */
const DESCRIPTION = 'data.json'
const CHECKED = 'checked.json'

type StoredNumbers = 'uint8' | 'float32'

interface KeptDocument {
  version: 1
  description: DataDescription
  numbers: StoredNumbers
  scale: { mean: number[]; deviation: number[] } | null
}

/** Data sets of the user's, and those that were fetched, in the data folder; each a folder of its own. */
export interface DataStore {
  readonly folder: string
  /** Descriptions of all, by name; what cannot be read is left out. */
  list(): DataDescription[]
  /** @throws InputError where there is none of that name */
  describe(name: string): DataDescription
  /** @throws InputError where there is none, or another than is described */
  read(description: DataDescription): DataSet
  /** @throws InputError where it is no name for a new one, before one is read for it */
  checkName(name: string): void
  /** Keeps a whole data set, or nothing. @throws InputError where one of that name is there */
  keep(data: DataSet): void
  /** @throws InputError where there is none of that name */
  remove(name: string): void
  /** As `remove`, but it can be put back until it is forgotten. @throws InputError where there is none of that name */
  setAside(name: string): Aside
}

/** A data set that is not in the list any more. */
export interface Aside {
  /** @throws InputError where another has its name now */
  restore(): void
  /** Removes it from the disk. */
  forget(): void
}

/** From now on this thread reads samples that the program neither makes nor carries from the user's data folder. */
export const readFromDataFolder = (): void =>
  readKeptData((description) => openDataStore(dataFolder()).read(description))

/**
 * @param place the user's data folder, in which `data` is
 * @param mostHeld bytes of samples that are held in memory; of larger sets pieces are read. For tests
 */
export function openDataStore(place: string, mostHeld = MOST_HELD_BYTES): DataStore {
  const folder = path.join(place, 'data')
  const folderOf = (name: string) => path.join(folder, name)
  const has = (name: string) => fs.existsSync(path.join(folderOf(name), DESCRIPTION))

  function names(): string[] {
    try {
      return fs.readdirSync(folder).filter((name) => isDataName(name) && has(name))
    } catch {
      // Nothing was kept yet.
      return []
    }
  }

  function document(name: string): KeptDocument {
    const file = path.join(folderOf(name), DESCRIPTION)
    const own = JSON.parse(readTextFile(file)) as KeptDocument
    const known = DATA_SETS.find((one) => one.name === name)
    if (own.version !== 1)
      throw new InputError(file, 'a later version of the program wrote it', 'Use that one.')
    // Only the files themselves say the hash of what has none beforehand.
    if (known) {
      const { make: _make, ...description } = known
      return { ...own, description: { ...description, sha256: known.sha256 ?? own.description.sha256 } }
    }
    return { ...own, description: parseOwnData(own.description, file) }
  }

  function none(name: string): InputError {
    const all = [...DATA_SETS.map((one) => one.name), ...names()]
    return new InputError(
      '--data',
      `there is no data set "${name}"`,
      suggestion(name, all, `There are ${all.join(', ')}.`),
    )
  }

  return {
    folder,
    list() {
      return names()
        .sort()
        .flatMap((name) => {
          try {
            return [document(name).description]
          } catch {
            return []
          }
        })
    },
    describe(name) {
      if (!isDataName(name) || !has(name)) throw none(name)
      return document(name).description
    },
    read(description) {
      const { name, title, origin } = description
      if (!has(name)) {
        throw origin === 'fetched'
          ? new InputError(
              'data',
              `${title} is not here yet`,
              `Get it ${orByCommand(TAB, `data get ${name}`)}.`,
            )
          : new InputError(
              'data',
              `the samples of "${name}" are not on this machine`,
              `Import them under that name.`,
            )
      }
      const { numbers, scale } = document(name)
      const { parts, hash } = partsIn(description, numbers)
      const data = { description, ...parts, scale: scaleIn(scale) }
      if (description.sha256 !== undefined && hash() !== description.sha256) {
        const hint =
          origin === 'fetched'
            ? `Remove it and get it again ${orByCommand(TAB, `data remove ${name}`, `data get ${name}`)}.`
            : 'The experiment was made with others: import those under another name, or choose the data set anew.'
        throw new InputError(
          'data',
          `the samples of "${name}" are not those of this hash: ${description.sha256}`,
          hint,
        )
      }
      return data
    },
    checkName(name) {
      if (has(dataName(name, '--name'))) throw taken(name)
    },
    keep(data) {
      const name = dataName(data.description.name, '--name')
      const target = folderOf(name)
      makePrivateFolder(folder)
      fs.mkdirSync(target, { recursive: true, mode: 0o700 })
      if (has(name)) throw taken(name)
      const { training, test, scale } = data
      const kept: KeptDocument = {
        version: 1,
        description: { ...data.description },
        numbers: training.x.subarray(0, 0) instanceof Uint8Array ? 'uint8' : 'float32',
        scale: scale && { mean: [...scale.mean], deviation: [...scale.deviation] },
      }
      // What was too large for memory lies in a folder already.
      const stored = training.x instanceof StoredValues ? training.x.file.path : null
      const temporary = stored === null ? temporaryFolderOf(target) : path.dirname(stored)
      try {
        if (stored === null) {
          fs.mkdirSync(temporary, { mode: 0o700 })
          replaceFileNow(path.join(temporary, VALUES), bytesOfParts({ training, test }))
        } else noteChecked(stored, data.description.sha256!)
        replaceFileNow(path.join(temporary, DESCRIPTION), [Buffer.from(`${JSON.stringify(kept, null, 2)}\n`)])
        putFolder(temporary, target)
        if (stored !== null) forgetFolder(temporary)
      } finally {
        if (stored === null) withoutTemporary(temporary)
        removeIfEmpty(target)
      }
    },
    remove(name) {
      requireOwn(name)
      fs.rmSync(folderOf(name), { recursive: true })
    },
    setAside(name) {
      requireOwn(name)
      const aside = fs.mkdtempSync(path.join(folder, REMOVED))
      const place = path.join(aside, name)
      fs.renameSync(folderOf(name), place)
      const forgetEnd = removedAtEnd(aside)
      const forget = () => {
        fs.rmSync(aside, { recursive: true, force: true })
        forgetEnd()
      }
      return {
        forget,
        restore() {
          if (fs.existsSync(folderOf(name))) throw taken(name)
          fs.renameSync(place, folderOf(name))
          forget()
        },
      }
    },
  }

  function taken(name: string): InputError {
    const hint = `Give another name, or remove it first ${orByCommand(TAB, `data remove ${name}`)}.`
    return new InputError('--name', `there is a data set "${name}" already`, hint)
  }

  /** @throws InputError where none of that name is kept */
  function requireOwn(name: string): void {
    if (DATA_SETS.some((one) => one.name === name && one.make !== null))
      throw new InputError(
        'data remove',
        `"${name}" is part of the program`,
        'Only your own and fetched ones can go.',
      )
    if (!isDataName(name) || !has(name)) throw none(name)
  }

  /** Both parts of a kept set, and how their hash is found. @throws InputError */
  function partsIn(description: DataDescription, numbers: StoredNumbers) {
    const { name, training, test } = description
    const file = path.join(folderOf(name), VALUES)
    const length = valuesOf(description) * (numbers === 'uint8' ? 1 : 4)
    const each = labelBytes(description)
    const whole = (training + test) * (length + each)
    try {
      const { size } = fs.statSync(file)
      if (size !== whole) {
        const what = `"${name}" has ${size} bytes of samples, and ${whole} are described`
        throw new InputError('data', what, 'Remove it, and import or get it again.')
      }
      if (whole <= mostHeld) {
        const parts = heldParts(readBytes(file, whole), description, numbers)
        return { parts, hash: () => dataHash(parts) }
      }
      const stored = new StoredFile(file)
      const labels = (samples: number, at: number) => labelsIn(stored.read(at, samples * each), description)
      const y = [labels(training, training * length), labels(test, whole - test * each)] as const
      const of = { ...description, isBytes: numbers === 'uint8' }
      const [first, last] = storedParts(stored, of, y)
      const parts = { training: first, test: last }
      return { parts, hash: () => checkedHash(file, () => dataHash(parts)) }
    } catch (error) {
      if (error instanceof InputError) throw error
      throw new InputError(
        'data',
        `${file} cannot be read: ${messageOf(error)}`,
        'Import or get the data set again.',
      )
    }
  }
}

/** What a large file's values hash to, found once for each size and time of change: it takes as long as reading it. */
function checkedHash(file: string, hash: () => string): string {
  const checked = path.join(path.dirname(file), CHECKED)
  const { size, mtimeMs } = fs.statSync(file)
  try {
    const known = JSON.parse(readTextFile(checked)) as { size: number; mtimeMs: number; sha256: string }
    if (known.size === size && known.mtimeMs === mtimeMs) return known.sha256
  } catch {
    // It was not checked yet.
  }
  const found = hash()
  try {
    noteChecked(file, found)
  } catch {
    // It is found again the next time.
  }
  return found
}

function noteChecked(file: string, sha256: string): void {
  const { size, mtimeMs } = fs.statSync(file)
  const text = `${JSON.stringify({ size, mtimeMs, sha256 })}\n`
  replaceFileNow(path.join(path.dirname(file), CHECKED), [Buffer.from(text)])
}

/** What another process has put there meanwhile is not ours to remove. */
function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder)
  } catch {
    // It holds a data set.
  }
}

/** @param bytes as many as described */
function heldParts(bytes: Buffer, description: DataDescription, numbers: StoredNumbers) {
  const { training, test } = description
  const length = valuesOf(description) * (numbers === 'uint8' ? 1 : 4)
  const each = labelBytes(description)
  let at = 0
  const part = (samples: number): DataPart => {
    const values = bytes.subarray(at, (at += samples * length))
    const y = labelsIn(bytes.subarray(at, (at += samples * each)), description)
    // Floats want their place in memory.
    const x =
      numbers === 'uint8'
        ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
        : new Float32Array(new Uint8Array(values).buffer)
    return { x, y }
  }
  return { training: part(training), test: part(test) }
}

/** A copy, since floats want their place in memory. */
function labelsIn(bytes: Uint8Array, description: DataDescription): Labels {
  const own = new Uint8Array(bytes)
  return isRegression(description) ? new Float32Array(own.buffer) : own
}

const scaleIn = (scale: KeptDocument['scale']) =>
  scale && { mean: Float64Array.from(scale.mean), deviation: Float64Array.from(scale.deviation) }
