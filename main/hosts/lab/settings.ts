import * as path from 'node:path'
import { readDocument } from '../../../shared/base/document'
import { InputError } from '../../../shared/base/errors'
import {
  DEFAULT_HOST_SETTINGS,
  parseHostSettings,
  type HostSettings,
} from '../../../shared/protocol/host-settings'
import { readTextFile } from '../../files/read'
import { keepDamaged, replaceFile } from '../../files/write'
import { reasonOf, removeOldTemporaries, serialised, type Serialised } from '../../files/data-folder'

const NAME = 'settings.json'
/** Bytes: far more than all settings take. */
const LARGEST = 2 ** 16

export interface ReadSettings {
  settings: HostSettings
  /** Why the file is not followed and the defaults count, as sentences; null where all is well. */
  problem: string | null
}

export interface Settings extends ReadSettings {
  /**
   * Changes some of the settings, and none that another host on the same folder has changed since.
   * @throws InputError for what is no setting; Error that names cause and hint where it cannot be saved
   */
  save(changes: object): Promise<HostSettings>
}

/** What a file of settings turned out to be. */
type Found =
  | { kind: 'none' }
  | { kind: 'read'; settings: HostSettings }
  /** Text that is no JSON: nothing in it is lost when it is set aside. */
  | { kind: 'damaged'; why: string }
  /** Of a later version, or with values that are not known here: whoever wrote it may need it. */
  | { kind: 'foreign'; why: string }
  | { kind: 'unreadable'; why: string }

/** The settings of a data folder, read once: what the command line goes by. */
export function readSettings(folder: string): ReadSettings {
  const file = path.join(folder, NAME)
  const found = lookAt(file)
  switch (found.kind) {
    case 'none':
      return { settings: DEFAULT_HOST_SETTINGS, problem: null }
    case 'read':
      return { settings: found.settings, problem: null }
    case 'damaged':
      return byDefault(`The settings in ${file} are damaged (${found.why}). The defaults count.`)
    case 'foreign':
      return byDefault(
        `The settings in ${file} are not of this version (${found.why}). The defaults count, and the file is left ` +
          'as it is: mend it, or move it away.',
      )
    case 'unreadable':
      return byDefault(
        `The settings in ${file} could not be read (${found.why}). The defaults count; make the file readable.`,
      )
  }
}

const byDefault = (problem: string): ReadSettings => ({ settings: DEFAULT_HOST_SETTINGS, problem })

/** The settings of a data folder, for a host that also changes them. */
export function openSettings(folder: string, inTurn: Serialised = serialised(folder)): Settings {
  const file = path.join(folder, NAME)
  removeOldTemporaries(folder, (name) => name === NAME)
  let now = readSettings(folder)

  async function replace(changes: object): Promise<HostSettings> {
    const found = lookAt(file)
    if (found.kind === 'foreign' || found.kind === 'unreadable') throw new Error(found.why)
    const before = found.kind === 'read' ? found.settings : DEFAULT_HOST_SETTINGS
    const settings = parseHostSettings(changes, 'settings', before)
    if (found.kind === 'damaged') await keepDamaged(file)
    await replaceFile(file, `${JSON.stringify({ version: 1, ...settings }, null, 2)}\n`)
    return settings
  }

  return {
    get settings() {
      return now.settings
    },
    get problem() {
      return now.problem
    },
    async save(changes) {
      try {
        now = { settings: await inTurn(() => replace(changes)), problem: null }
        return now.settings
      } catch (error) {
        if (error instanceof InputError) throw error
        throw new Error(
          `The settings could not be saved to ${file} (${reasonOf(error)}). ` +
            'Mend the file or move it away, make room there, or set RESIDUAL_LAB_DATA to another folder.',
          { cause: error },
        )
      }
    },
  }
}

function lookAt(file: string): Found {
  let text: string
  try {
    text = readTextFile(file, LARGEST)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'none' }
    return { kind: 'unreadable', why: reasonOf(error) }
  }
  let value: unknown
  try {
    value = readDocument(text, NAME, 'Mend or remove the file.')
  } catch (error) {
    return { kind: 'damaged', why: clauseOf(error) }
  }
  try {
    return { kind: 'read', settings: parseHostSettings(value, NAME) }
  } catch (error) {
    return { kind: 'foreign', why: clauseOf(error) }
  }
}

/** What is wrong and where; the hint is for whoever writes by hand. */
const clauseOf = (error: unknown) =>
  error instanceof InputError ? `${error.where}: ${error.what}` : reasonOf(error)
