import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError, suggestion } from '../../../shared/base/errors'
import { isRunId, type RunEntry } from '../../../shared/runs/run'
import { readIndex, type IndexedRun } from './index-file'
import { createIndexSaver } from './index-saver'
import { removeLeftovers } from './leftovers'
import { living } from './liveness'
import { NewerRun, readStored, reasonOf, RUN_FILE, stampOf, type StoredRun } from './stored'

/** Is told of every change, whoever made it. */
export type Listener = (changed: RunEntry[], gone: string[]) => void

export type KnownRuns = ReturnType<typeof openKnownRuns>

/**
 * The runs of a library as this process knows them: what the index says at first, and what the folders hold at every
 * look. A folder whose run.json is not as it was known is read anew.
 * @param library the folder of the runs' folders
 */
export function openKnownRuns(library: string, onChange: Listener) {
  const known = new Map<string, IndexedRun>()
  let newer: string | null = null
  let isOpened = false
  const index = createIndexSaver(library, () => (newer ? null : [...known.values()]))
  const folderOf = (id: string) => library + path.sep + id
  // Put together without path.join, which takes half as long as a look at the file.
  const fileOf = (id: string, name: string) => folderOf(id) + path.sep + name

  /** What the folders hold now. @returns what cannot be read, as sentences @throws Error where the library cannot */
  function refresh(): string[] {
    const all = names()
    if (!isOpened) open(all)
    const problems: string[] = []
    const there: string[] = []
    const changed: RunEntry[] = []
    for (const id of all) {
      const old = known.get(id)
      try {
        // What is known was found to be a folder.
        if (!old && !(isRunId(id) && isFolder(id))) continue
        const stamp = stampOf(fileOf(id, RUN_FILE))
        if (old?.stamp !== stamp) {
          const { entry, owner } = readStored(library, id)
          const run = { stamp, entry, owner }
          known.set(id, run)
          changed.push(living(library, run).entry)
        }
        there.push(id)
      } catch (error) {
        if (isNoRun(id, error as NodeJS.ErrnoException)) continue
        problems.push(`${folderOf(id)} is no run that can be read (${wordsOf(error)}). It is left as it is.`)
      }
    }
    told(changed, forgetAllBut(there))
    return problems
  }

  /** @returns what was known and is not there any more */
  function forgetAllBut(there: readonly string[]): string[] {
    if (known.size === there.length) return []
    const present = new Set(there)
    const gone = [...known.keys()].filter((id) => !present.has(id))
    gone.forEach((id) => known.delete(id))
    return gone
  }

  function open(all: readonly string[]) {
    const index = readIndex(library)
    if (index.kind === 'newer')
      newer =
        `A newer version of Residual Lab wrote the index of ${library} (its form is ${String(index.version)}). ` +
        'It is left as it is; runs are read from their folders, and new ones are kept beside them.'
    if (index.kind === 'read') for (const run of index.runs) known.set(run.entry.id, run)
    isOpened = true
    removeLeftovers(library, all, (id) => known.has(id))
  }

  /** Of everything that is in the library; of most of it not more than the name is looked at. */
  function names(): string[] {
    try {
      return fs.readdirSync(library)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new Error(`The library ${library} could not be read (${reasonOf(error)}). Make it readable.`, {
        cause: error,
      })
    }
  }

  const isFolder = (id: string) => fs.lstatSync(folderOf(id)).isDirectory()

  /** A file, or a folder that another process has just made and not yet filled. */
  function isNoRun(id: string, { code }: NodeJS.ErrnoException): boolean {
    if (code === 'ENOTDIR') return true
    if (code !== 'ENOENT') return false
    try {
      return fs.readdirSync(folderOf(id)).length === 0
    } catch {
      return true
    }
  }

  function told(changed: RunEntry[], gone: string[]) {
    if (!changed.length && !gone.length) return
    index.later()
    onChange(changed, gone)
  }

  return {
    library,
    folderOf,
    fileOf,
    refresh,

    /** Ids that are taken. @throws Error where the library cannot be read */
    ids: (): string[] => names().filter(isRunId),

    /** All as they were at the last look, in no order. */
    entries: (): RunEntry[] => [...known.values()].map(({ entry }) => entry),

    /** As `entries`, none of them running whose process has ended. */
    living: (): RunEntry[] => [...known.values()].map((run) => living(library, run).entry),

    /** Why the index is not used, as sentences; null where it is. */
    newer: (): string | null => newer,

    /** @throws InputError where there is none, with the nearest id */
    existing(id: string): RunEntry {
      refresh()
      const found = isRunId(id) ? known.get(id) : undefined
      if (found) return living(library, found).entry
      const hint = suggestion(id, [...known.keys()], 'It may have been deleted elsewhere.')
      throw new InputError('run', `there is no run "${id}"`, hint)
    },

    /** A run of which this process has just written the file. */
    noted({ entry, owner }: StoredRun): RunEntry {
      known.set(entry.id, { stamp: stampOf(fileOf(entry.id, RUN_FILE)), entry, owner })
      told([entry], [])
      return entry
    },

    /** Deletes a run's folder: by its name first, so that nobody finds half of it. */
    erase(id: string): void {
      const aside = path.join(library, `.${id}.${Date.now()}`)
      fs.renameSync(folderOf(id), aside)
      known.delete(id)
      fs.rmSync(aside, { recursive: true, force: true })
    },

    /** Runs that this process has erased. */
    erased: (gone: string[]): void => told([], gone),

    /** Resolves when the index is on the disk. */
    save: (): Promise<void> => index.save(),
  }
}

const wordsOf = (error: unknown) =>
  error instanceof NewerRun || (error as NodeJS.ErrnoException).code !== 'ENOENT'
    ? reasonOf(error)
    : `it has no ${RUN_FILE}`
