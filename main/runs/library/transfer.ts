/** Runs leave the library as files, and come from elsewhere. */
import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Writable } from 'node:stream'
import { InputError } from '../../../shared/base/errors'
import type { RunEntry } from '../../../shared/runs/run'
import { makePrivateFolder } from '../../files/data-folder'
import { replaceFile, withoutTemporary } from '../../files/write'
import { putFolder, replaceFileNow, temporaryFolderOf } from '../../files/write-now'
import { readArchive, writeArchive } from './archive'
import { finishedRun, runsOfPoint } from '../../../shared/sweep/kept'
import type { Changes } from './changes'
import { checkUnpacked } from './imported'
import type { KnownRuns } from './known-runs'
import { hasCheckpoint } from './liveness'
import { experimentText, firstEntry, nameOf, type NewRun } from './outcome'
import { bytesOf, EXPERIMENT_FILE, readStored, RUN_FILE, storedText } from './stored'

/** A run as a .zip file. @throws InputError where there is none, or it is still running; Error of the system */
export function exportRun(runs: KnownRuns, id: string, target: Writable): Promise<void> {
  const entry = runs.existing(id)
  if (entry.state === 'running') throw new InputError('run', `"${id}" is still running`, 'Stop it first.')
  const { request } = readStored(runs.library, id)
  const own = { entry: { ...entry, pinned: false, removed: null }, request, owner: null }
  return writeArchive(runs.folderOf(id), id, { [RUN_FILE]: storedText(own) }, target)
}

/**
 * Takes a run from a .zip file, of which nothing is believed but what was checked. Its id stays where no other run has
 * it. Where it is a point of a sweep that is finished here already, that run stands for it.
 * @param source the file, or its bytes @param where what it is called
 * @throws InputError for what is no run; Error that names cause and hint
 */
export async function importRun(
  runs: KnownRuns,
  { change, make, unwritable }: Changes,
  source: string | Buffer,
  where: string,
): Promise<RunEntry> {
  return fromAside(runs, unwritable, async (aside) => {
    await readArchive(source, aside, where)
    const { entry, request, files } = checkUnpacked(aside, where)
    return await change(async () => {
      runs.refresh()
      const there = entry.sweep && finishedRun(runsOfPoint(runs.living(), entry.sweep))
      if (there) return there
      for (const [name, text] of Object.entries(files)) await replaceFile(path.join(aside, name), text)
      const id = make((folder, id) => {
        const bytes = bytesOf(aside)
        const canResume = entry.state !== 'finished' && hasCheckpoint(aside, entry)
        const own = { ...entry, id, name: entry.name === entry.id ? id : entry.name, bytes, canResume }
        putRun(aside, folder, own, request)
      }, entry.id)
      return runs.noted(readStored(runs.library, id))
    })
  })
}

/** A training that was done elsewhere, and what is said of it. */
export interface Elsewhere {
  run: NewRun
  note: string
  /** Updates that its networks have had. */
  steps: number
  device: string
}

/**
 * Keeps networks that were trained elsewhere as a training that has ended, without curves.
 * @param fill writes the checkpoint into an empty folder, and says whose it is
 * @throws what `fill` throws; InputError for a name that is none; Error that names cause and hint
 */
export async function takeTrained(
  runs: KnownRuns,
  { change, make, unwritable }: Changes,
  fill: (folder: string) => Promise<Elsewhere>,
): Promise<RunEntry> {
  return fromAside(runs, unwritable, async (aside) => {
    const { run, note, steps, device } = await fill(aside)
    const name = nameOf(run)
    return await change(() => {
      const id = make((folder, id) => {
        replaceFileNow(path.join(aside, EXPERIMENT_FILE), [Buffer.from(experimentText(run.experiment))])
        const first = firstEntry(id, run, name, 'finished')
        const planned = first.steps?.planned ?? 0
        const entry = { ...first, note, device, steps: { done: steps, planned }, bytes: bytesOf(aside) }
        putRun(aside, folder, entry, run.request)
      })
      return runs.noted(readStored(runs.library, id))
    })
  })
}

/** What is put together in a folder of its own, of which nothing stays there. @throws as `unwritable` says it */
async function fromAside(
  { library }: KnownRuns,
  unwritable: Changes['unwritable'],
  work: (aside: string) => Promise<RunEntry>,
): Promise<RunEntry> {
  const aside = temporaryFolderOf(path.join(library, 'import'))
  try {
    makePrivateFolder(library)
    fs.mkdirSync(aside, { mode: 0o700 })
    return await work(aside)
  } catch (error) {
    throw unwritable(error)
  } finally {
    withoutTemporary(aside)
  }
}

/** With its document, in the place that the library has for it. */
function putRun(aside: string, folder: string, entry: RunEntry, request: Record<string, unknown>): void {
  replaceFileNow(path.join(aside, RUN_FILE), [Buffer.from(storedText({ entry, request, owner: null }))])
  putFolder(aside, folder)
}
