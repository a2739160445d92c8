import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { knownFields, show } from '../../../shared/base/check'
import { isTooDeep, LONGEST_DOCUMENT } from '../../../shared/base/document'
import { InputError, printable } from '../../../shared/base/errors'
import { DEEPEST } from '../../../shared/base/json'
import { parseExperiment } from '../../../shared/experiment/experiment'
import {
  decodeMessage,
  encodeMessage,
  type LoadedWorkspace,
  type SavedWorkspace,
} from '../../../shared/protocol/protocol'
import { reasonOf, removeOldTemporaries, serialised, type Serialised } from '../../files/data-folder'
import { keepAs, replaceFile } from '../../files/write'
import { keepGeneration } from './generations'

type Document = Record<string, unknown>

/** The newest form that this program reads. */
const VERSION = 1

export interface Workspace {
  load(): Promise<LoadedWorkspace>
  /**
   * Saves over the workspace with the revision `base` (null: over none), and over no other: another tab, window or
   * host may have saved one meanwhile. Undefined: over whatever there is, of which a copy is kept.
   * @throws Error that names cause and hint
   */
  save(document: Document, base?: string | null): Promise<SavedWorkspace>
  /** Keeps a document beside the workspace, for good. @returns the file @throws Error that names cause and hint */
  keep(document: Document): Promise<{ path: string }>
  /**
   * Puts what another workspace holds in this one's place; what was here is kept beside it.
   * @throws Error of the system
   */
  startWith(other: number): Promise<void>
  /** Leaves no workspace behind, but for one kept under another name. @returns the name; null: there was none */
  setAside(): Promise<string | null>
}

/** The file of the workspace with this number, from 1: every window of one program has its own. */
const fileOf = (folder: string, number: number) =>
  path.join(folder, number === 1 ? 'workspace.json' : `workspace-${number}.json`)

/** The autosaved document: one file, replaced as a whole, never overwritten by who has not read it. */
export function openWorkspace(
  folder: string,
  inTurn: Serialised = serialised(folder),
  number = 1,
): Workspace {
  const file = fileOf(folder, number)
  removeOldTemporaries(folder, (name) => name === path.basename(file))

  async function replace(document: Document, base: string | null | undefined): Promise<SavedWorkspace> {
    const text = encodeMessage(document)
    if (Buffer.byteLength(text) > LONGEST_DOCUMENT) {
      throw new Error(
        'The workspace is too large to save (more than 8 MB). Save it as a file and start a smaller one.',
      )
    }
    try {
      return await inTurn(async () => {
        const there = read(file)
        const kept = there !== null && base === undefined ? await keepAside(file, revisionOf(there)) : null
        if (base !== undefined && base !== (there === null ? null : revisionOf(there))) {
          return { revision: null, kept: null }
        }
        if (there !== null) await keepGeneration(folder, file)
        await replaceFile(file, text)
        return { revision: revisionOf(text), kept }
      })
    } catch (error) {
      throw new Error(
        `The workspace could not be saved to ${file} (${reasonOf(error)}). ` +
          'Free some space there, or set RESIDUAL_LAB_DATA to another folder.',
        { cause: error },
      )
    }
  }

  return {
    async load() {
      const nothing = { document: null, revision: null, problem: null, undecided: false }
      let text: string | null
      try {
        text = read(file)
      } catch (error) {
        const problem =
          `The saved workspace could not be read (${reasonOf(error)}). ` +
          `The workbench starts afresh; make ${file} readable to get it back.`
        return { ...nothing, problem }
      }
      if (text === null) return nothing
      const document = parse(text)
      if (!document) return { ...nothing, ...moveAside(file) }
      const refusal = refusalOf(document)
      if (refusal === null) return { document, revision: revisionOf(text), problem: null, undecided: false }
      return { ...nothing, problem: await refusedWords(refusal, file, revisionOf(text)), undecided: true }
    },

    save: replace,

    async keep(document) {
      const text = encodeMessage(document)
      const path = keptName(file, revisionOf(text))
      try {
        await inTurn(() => replaceFile(path, text))
      } catch (error) {
        throw new Error(
          `The workspace could not be kept as ${path} (${reasonOf(error)}). Save it as a file first.`,
          {
            cause: error,
          },
        )
      }
      return { path }
    },

    startWith: (other) =>
      inTurn(async () => {
        const text = read(fileOf(folder, other))
        await moveToKept()
        if (text !== null) await replaceFile(file, text)
      }),

    setAside: () => inTurn(moveToKept),
  }

  async function moveToKept(): Promise<string | null> {
    const there = read(file)
    if (there === null) return null
    const aside = await keepAside(file, revisionOf(there))
    fs.rmSync(file)
    return aside
  }
}

/** @returns null where there is none */
function read(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** What tells one saved text from another, whoever wrote it. */
const revisionOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

function parse(text: string): Document | null {
  try {
    const value = decodeMessage(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && !isTooDeep(value, DEEPEST) ? (value as Document) : null
  } catch {
    return null
  }
}

/** Why this program cannot show all that is in a workspace, so that saving over it would lose some; null: it can. */
function refusalOf(document: Document): string | null {
  const { version, experiment } = document
  if (version === undefined && experiment === undefined) return null
  if (version !== undefined && version !== VERSION) {
    return `another version of Residual Lab wrote it (its form is ${printable(show(version))}, not ${VERSION})`
  }
  try {
    knownFields(document, 'workspace', ['version', 'experiment', 'view', 'file'])
    if (experiment !== undefined) parseExperiment(experiment, 'workspace.experiment')
    return null
  } catch (error) {
    if (error instanceof InputError) return `${error.where}: ${error.what}`
    throw error
  }
}

/** What is kept for good beside the workspace, by what tells its text from others: the same text is kept once. */
const keptName = (file: string, revision: string) => `${file}.kept-${revision.slice(0, 8)}`

async function refusedWords(refusal: string, file: string, revision: string): Promise<string> {
  const found = `The saved workspace cannot be shown whole: ${refusal}.`
  try {
    return `${found} It is kept as ${await keepAside(file, revision)}, and nothing is saved over it until you decide.`
  } catch (error) {
    return `${found} It stays in ${file}, and nothing is saved over it until you decide (${reasonOf(error)}).`
  }
}

/** A second name for the file as it is now. @returns the name */
async function keepAside(file: string, revision: string): Promise<string> {
  const aside = keptName(file, revision)
  if (!fs.existsSync(aside)) await keepAs(aside, file)
  return aside
}

/** Moves a file that is no workspace out of the way; where that fails, the user decides what becomes of it. */
function moveAside(file: string): Pick<LoadedWorkspace, 'problem' | 'undecided'> {
  let n = 1
  while (fs.existsSync(`${file}.corrupt-${n}`)) n++
  const aside = `${file}.corrupt-${n}`
  try {
    fs.renameSync(file, aside)
    const problem = `The saved workspace is damaged. The workbench starts afresh; the damaged file is kept as ${aside}.`
    return { problem, undecided: false }
  } catch (error) {
    const problem =
      `The saved workspace ${file} is damaged and could not be moved aside (${reasonOf(error)}). ` +
      'Nothing is saved over it until you decide.'
    return { problem, undecided: true }
  }
}
