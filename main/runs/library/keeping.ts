import type { RunEntry } from '../../../shared/runs/run'
import { fillFolder } from '../../files/write-now'
import type { Changes } from './changes'
import type { KnownRuns } from './known-runs'
import { documentsOf, endedEntry, firstEntry, nameOf, type NewRun, type Outcome } from './outcome'
import { makeRoom } from './retention'
import { readStored, RUN_FILE, storedText } from './stored'
import { emptyOld } from './trash'

/** After so many days the trash is emptied of a run. */
const TRASH_DAYS = 30

/**
 * Keeps a run that has ended; what has had its time, or takes room that it needs, goes.
 * @param megabytes MB that measurements may take
 * @throws InputError for a name that is none; Error that names cause and hint
 */
export const keepRun = (
  runs: KnownRuns,
  { change, make }: Changes,
  megabytes: () => number,
  run: NewRun,
  outcome: Outcome,
): Promise<RunEntry> =>
  change(() => {
    const name = nameOf(run)
    const id = make((folder, id) => {
      const documents = documentsOf(run.kind, run.experiment, outcome)
      const bytes = Object.values(documents).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
      const first = firstEntry(id, run, name, outcome.state)
      const entry = endedEntry(first, run.experiment, outcome, { bytes, hasCheckpoint: false })
      fillFolder(folder, {
        ...documents,
        [RUN_FILE]: storedText({ entry, request: run.request, owner: null }),
      })
    })
    const entry = runs.noted(readStored(runs.library, id))
    emptyOld(runs, TRASH_DAYS)
    makeRoom(runs, id, megabytes())
    return entry
  })
