import * as fs from 'node:fs'
import { letGo } from '../../../bin/lib/lock.mjs'
import { InputError } from '../../../shared/base/errors'
import type { RunEntry } from '../../../shared/runs/run'
import { makePrivateFolder, type Serialised } from '../../files/data-folder'
import { replaceFile } from '../../files/write'
import type { KnownRuns } from './known-runs'
import { makeRunFolder } from './names'
import { readStored, reasonOf, RUN_FILE, storedText, type StoredRun } from './stored'

/** Names cause and hint. */
class Unwritable extends Error {}

export type Changes = ReturnType<typeof createChanges>

/** How the runs of a library are changed: what is read, altered and written again belongs to one turn. */
export function createChanges(runs: KnownRuns, inTurn: Serialised) {
  const { library } = runs

  /** What went wrong, with cause and hint. */
  const unwritable = (error: unknown) =>
    error instanceof InputError || error instanceof Unwritable
      ? error
      : new Unwritable(
          `The library of runs ${library} could not be changed (${reasonOf(error)}). ` +
            'Free some space there, make it writable, or set RESIDUAL_LAB_DATA to another folder.',
          { cause: error },
        )

  /** Changes wait for each other. @throws InputError; Error that names cause and hint */
  async function change<T>(work: () => Promise<T> | T): Promise<T> {
    try {
      return await inTurn(async () => work())
    } catch (error) {
      throw unwritable(error)
    }
  }

  /** Within a turn: writes what is in the file now, less what `next` changes. */
  async function edit(id: string, next: (stored: StoredRun) => StoredRun): Promise<RunEntry> {
    const { state, canResume } = runs.existing(id)
    const stored = readStored(library, id)
    // What a dead process left running is written down as interrupted with the first change.
    const now = next({ ...stored, entry: { ...stored.entry, state, canResume } })
    await replaceFile(runs.fileOf(id, RUN_FILE), storedText(now))
    return runs.noted(now)
  }

  /** Within a turn: as `edit`, of a run that its process has nothing to do with any more. */
  async function release(id: string, next: (entry: RunEntry) => RunEntry): Promise<RunEntry> {
    return edit(id, (stored) => {
      if (stored.owner) letGo(stored.owner)
      return { ...stored, entry: next(stored.entry), owner: null }
    })
  }

  /**
   * Makes the folder of a new run.
   * @param fill the run's folder, which is there and empty; where it fails there is no folder
   * @param wanted an id to take where it is free
   * @throws InputError; Error that names cause and hint
   */
  function make(fill: (folder: string, id: string) => void, wanted?: string): string {
    try {
      runs.refresh()
      makePrivateFolder(library)
      const id = makeRunFolder(library, runs.ids(), wanted)
      try {
        fill(runs.folderOf(id), id)
      } catch (error) {
        // Nobody has seen it yet.
        fs.rmSync(runs.folderOf(id), { recursive: true, force: true })
        throw error
      }
      return id
    } catch (error) {
      throw unwritable(error)
    }
  }

  return { change, edit, release, make, unwritable }
}
