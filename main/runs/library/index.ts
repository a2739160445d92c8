import * as path from 'node:path'
import type { Writable } from 'node:stream'
import type { RunList } from '../../../shared/protocol/runs'
import { parseRunChanges, type RunChanges, type RunDocument, type RunEntry } from '../../../shared/runs/run'
import { serialised, type Serialised } from '../../files/data-folder'
import { createChanges } from './changes'
import { readRun } from './documents'
import { keepRun } from './keeping'
import { openKnownRuns, type Listener } from './known-runs'
import type { NewRun, Outcome } from './outcome'
import { readStored } from './stored'
import { createTrainings } from './trainings'
import { exportRun, importRun, takeTrained, type Elsewhere } from './transfer'
import { emptyTrash, setRemoved } from './trash'

export type { NewRun, Outcome } from './outcome'

export interface LibraryOptions {
  onChange?: Listener
  /** MB that measurements may take. */
  megabytes?: () => number
}

export type RunLibrary = ReturnType<typeof openRunLibrary>

/**
 * The library of runs of a data folder: a folder for each run, and an index that is made from them. Several processes
 * may work on it: a run is one file that is replaced as a whole while the data folder's lock is held, and what another
 * process has changed is seen at the next list.
 */
export function openRunLibrary(
  dataFolder: string,
  inTurn: Serialised = serialised(dataFolder),
  { onChange = () => {}, megabytes = () => Infinity }: LibraryOptions = {},
) {
  const runs = openKnownRuns(path.join(dataFolder, 'runs'), onChange)
  const changes = createChanges(runs, inTurn)

  return {
    path: runs.library,

    /** The newest first. @throws Error where the library cannot be read */
    list(): RunList {
      const problems = runs.refresh()
      const entries = runs.living().sort((a, b) => (a.created < b.created ? 1 : -1))
      return { runs: entries, problems, path: runs.library, newer: runs.newer() }
    },

    /** @throws InputError where there is none; Error with what is damaged */
    open: (id: string): RunDocument => readRun(runs, id),

    /** What was asked for beside the experiment. @throws InputError where there is none */
    request(id: string): Record<string, unknown> {
      runs.existing(id)
      return readStored(runs.library, id).request
    },

    /** @throws InputError for what no run can be called, tagged or noted; Error that names cause and hint */
    change: (id: string, given: RunChanges): Promise<RunEntry> =>
      changes.change(() => {
        const checked = parseRunChanges(given)
        return changes.edit(id, (stored) => ({ ...stored, entry: { ...stored.entry, ...checked } }))
      }),

    /** Into the trash. */
    remove: (ids: readonly string[]): Promise<RunEntry[]> =>
      setRemoved(runs, changes, ids, new Date().toISOString()),

    /** Out of the trash. */
    restore: (ids: readonly string[]): Promise<RunEntry[]> => setRemoved(runs, changes, ids, null),

    /** Deletes what is in the trash for good. */
    empty: (): Promise<{ deleted: number }> => emptyTrash(runs, changes),

    /** Keeps a run that has ended. @throws InputError for a name that is none; Error that names cause and hint */
    keep: (run: NewRun, outcome: Outcome): Promise<RunEntry> =>
      keepRun(runs, changes, megabytes, run, outcome),

    ...createTrainings(runs, changes),

    /** A run as a .zip file. @throws InputError where there is none, or it is still running; Error of the system */
    export: (id: string, target: Writable): Promise<void> => exportRun(runs, id, target),

    /** A run from a .zip file. @throws InputError for what is no run; Error that names cause and hint */
    import: (source: string | Buffer, where: string): Promise<RunEntry> =>
      importRun(runs, changes, source, where),

    /** Networks that were trained elsewhere, as a run. @throws as `takeTrained` */
    take: (fill: (folder: string) => Promise<Elsewhere>): Promise<RunEntry> =>
      takeTrained(runs, changes, fill),

    /** Resolves when the index is on the disk. */
    close: (): Promise<void> => runs.save(),
  }
}
