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
  const folderOf = (id: string) => path.join(library, id)
  const fileOf = (id: string, name: string) => path.join(library, id, name)

  /** What the folders hold now. @returns what cannot be read, as sentences @throws Error where the library cannot */
  function refresh(): string[] {
    if (!isOpened) open()
    const problems: string[] = []
    const there = new Set<string>()
    const changed: RunEntry[] = []
    for (const id of ids()) {
      try {
        const stamp = stampOf(fileOf(id, RUN_FILE))
        there.add(id)
        if (known.get(id)?.stamp === stamp) continue
        const { entry, owner } = readStored(library, id)
        const run = { stamp, entry, owner }
        known.set(id, run)
        changed.push(living(library, run).entry)
      } catch (error) {
        there.delete(id)
        if (isBeingMade(id, error)) continue
        problems.push(`${folderOf(id)} is no run that can be read (${wordsOf(error)}). It is left as it is.`)
      }
    }
    const gone = [...known.keys()].filter((id) => !there.has(id))
    gone.forEach((id) => known.delete(id))
    told(changed, gone)
    return problems
  }

  function open() {
    const index = readIndex(library)
    if (index.kind === 'newer')
      newer =
        `A newer version of Residual Lab wrote the index of ${library} (its form is ${String(index.version)}). ` +
        'It is left as it is; runs are read from their folders, and new ones are kept beside them.'
    if (index.kind === 'read') for (const run of index.runs) known.set(run.entry.id, run)
    isOpened = true
    removeLeftovers(library, (id) => known.has(id))
  }

  /** Names of all folders that may be runs. */
  function ids(): string[] {
    try {
      return fs
        .readdirSync(library, { withFileTypes: true })
        .filter((one) => one.isDirectory() && isRunId(one.name))
        .map((one) => one.name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new Error(`The library ${library} could not be read (${reasonOf(error)}). Make it readable.`, {
        cause: error,
      })
    }
  }

  /** A folder that another process has just made and not yet filled. */
  function isBeingMade(id: string, error: unknown): boolean {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false
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
    ids,
    refresh,

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
