/** Runs that have a folder from their start: trainings, which are gone on with, stopped, or die with their process. */
import * as fs from 'node:fs'
import { ownerNow } from '../../../bin/lib/lock.mjs'
import { InputError } from '../../../shared/base/errors'
import type { RunEntry } from '../../../shared/runs/run'
import type { Experiment } from '../../../shared/settings/experiment'
import { replaceFile } from '../../files/write'
import { fillFolder } from '../../files/write-now'
import { CHECKPOINT_FILE } from '../../trainer/engine/checkpoint/checkpoint'
import type { Changes } from './changes'
import { readExperiment } from './documents'
import type { KnownRuns } from './known-runs'
import { hasCheckpoint } from './liveness'
import {
  documentsOf,
  endedEntry,
  experimentText,
  firstEntry,
  nameOf,
  type NewRun,
  type Outcome,
} from './outcome'
import { bytesOf, EXPERIMENT_FILE, readStored, RUN_FILE, storedText } from './stored'

/** A training that is gone on with. */
export interface Resumed {
  folder: string
  experiment: Experiment
  /** What was asked for beside the experiment. */
  request: Record<string, unknown>
}

export function createTrainings(runs: KnownRuns, { change, edit, release, make }: Changes) {
  const { library, folderOf, fileOf } = runs

  return {
    /** Makes the folder of a training that begins. @throws InputError for a name that is none; Error with a hint */
    begin(run: NewRun): { id: string; folder: string } {
      const name = nameOf(run)
      const id = make((folder, id) => {
        const entry = firstEntry(id, run, name, 'running')
        fillFolder(folder, {
          [EXPERIMENT_FILE]: experimentText(run.experiment),
          [RUN_FILE]: storedText({ entry, request: run.request, owner: ownerNow() }),
        })
      })
      runs.noted(readStored(library, id))
      return { id, folder: folderOf(id) }
    },

    /** A running training has come so far: what is known of it when its process dies. */
    progress: (id: string, done: number): Promise<RunEntry> =>
      change(() =>
        edit(id, (stored) => {
          const { steps } = stored.entry
          return { ...stored, entry: { ...stored.entry, steps: steps && { ...steps, done } } }
        }),
      ),

    /** A training that has ended. @throws Error that names cause and hint */
    end: (id: string, outcome: Outcome): Promise<RunEntry> =>
      change(async () => {
        const experiment = readExperiment(runs, id)
        const documents = documentsOf(runs.existing(id).kind, experiment, outcome)
        for (const [name, text] of Object.entries(documents)) await replaceFile(fileOf(id, name), text)
        return release(id, (entry) => {
          const folder = folderOf(id)
          const found = { bytes: bytesOf(folder), hasCheckpoint: hasCheckpoint(folder, entry) }
          return endedEntry(entry, experiment, outcome, found)
        })
      }),

    /** A training whose process has died. */
    interrupt: (id: string): Promise<RunEntry> =>
      change(() =>
        release(id, (entry) => ({
          ...entry,
          state: 'interrupted',
          canResume: hasCheckpoint(folderOf(id), entry),
          bytes: bytesOf(folderOf(id)),
        })),
      ),

    /** A training that never began. */
    discard: (id: string): Promise<void> =>
      change(() => {
        runs.erase(id)
        runs.erased([id])
      }),

    /** @throws InputError where it cannot be gone on with; Error that names cause and hint */
    resume: (id: string): Promise<Resumed> =>
      change(async () => {
        const entry = runs.existing(id)
        if (!entry.canResume)
          throw new InputError('resume', cannotResume(entry), 'Start it anew in its place.')
        const experiment = readExperiment(runs, id)
        const { request } = readStored(library, id)
        await edit(id, (stored) => ({
          ...stored,
          entry: { ...stored.entry, state: 'running', canResume: false },
          owner: ownerNow(),
        }))
        return { folder: folderOf(id), experiment, request }
      }),

    /** The folder of a run whose trained networks are to be looked at. @throws InputError where it has none */
    trained(id: string, where = 'run'): string {
      runs.existing(id)
      if (fs.existsSync(fileOf(id, CHECKPOINT_FILE))) return folderOf(id)
      throw new InputError(where, `"${id}" has no trained networks`, 'Name a training that has begun.')
    },
  }
}

const cannotResume = ({ id, state }: RunEntry): string =>
  state === 'running' ? `"${id}" is still running` : `"${id}" has nothing to go on from`
