/** Points of sweeps leave one machine's library as files, and come into another's. */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError, messageOf } from '../../../../shared/base/errors'
import type { RunEntry } from '../../../../shared/runs/run'
import { MOST_POINTS } from '../../../../shared/settings/swept-values'
import { exportToFile } from '../../../runs/export-file'
import type { RunLibrary } from '../../../runs/library'
import { clearProgress, showProgress } from '../job'

const DIGITS = String(MOST_POINTS - 1).length

/**
 * The finished runs of the sweep that a person means by its id or its name.
 * @returns null where no sweep is called so, or a run is
 */
export function runsOfSweep(text: string, runs: readonly RunEntry[]): RunEntry[] | null {
  if (runs.some(({ name, id }) => name === text || id === text)) return null
  const own = runs.filter(
    ({ sweep, state, removed }) =>
      removed === null && state === 'finished' && (sweep?.id === text || sweep?.name === text),
  )
  return own.length ? own : null
}

/**
 * Writes each point into a file of its own, which is called by its sweep and its number there: the files of all shards
 * fit into one folder. A file that is there already stays.
 * @returns how many are written now
 * @throws InputError where the folder is a file; Error that names cause and hint
 */
export async function exportPoints(
  library: RunLibrary,
  runs: readonly RunEntry[],
  folder: string,
): Promise<number> {
  makePointsFolder(folder)
  let written = 0
  for (const { id, sweep } of runs) {
    const file = path.join(folder, `${sweep!.id}-${String(sweep!.index + 1).padStart(DIGITS, '0')}.zip`)
    if (fs.existsSync(file)) continue
    await exportToFile(library, id, file, false)
    written++
  }
  return written
}

/** @throws InputError where there cannot be one */
export function makePointsFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new InputError(folder, `this folder cannot be made (${messageOf(error)})`, 'Give another one.')
  }
}

/** What came of the files of runs that were given. */
export interface Imported {
  runs: RunEntry[]
  /** Points of sweeps that were here already, by the runs that stand for them. */
  present: RunEntry[]
  /** Of files that hold no run that can be read. */
  problems: InputError[]
}

/**
 * Takes runs from files, and from all .zip files of folders. One that is damaged leaves the others.
 * @throws InputError where a folder holds none; Error where the library cannot be changed
 */
export async function importFiles(library: RunLibrary, paths: readonly string[]): Promise<Imported> {
  const files = paths.flatMap(filesOf)
  const imported: Imported = { runs: [], present: [], problems: [] }
  const known = new Set(library.list().runs.map(({ id }) => id))
  for (const [i, file] of files.entries()) {
    const words = { type: 'progress', rate: null, unit: 'runs', secondsLeft: null } as const
    showProgress({ ...words, message: `Taking ${file}`, done: i, total: files.length })
    try {
      const entry = await library.import(file, file)
      imported[known.has(entry.id) ? 'present' : 'runs'].push(entry)
      known.add(entry.id)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      imported.problems.push(error)
    } finally {
      clearProgress()
    }
  }
  return imported
}

function filesOf(given: string): string[] {
  if (!fs.statSync(given, { throwIfNoEntry: false })?.isDirectory()) return [given]
  const files = fs.readdirSync(given).filter((name) => name.endsWith('.zip'))
  if (files.length) return files.sort().map((name) => path.join(given, name))
  throw new InputError(given, 'this folder holds no .zip file', 'Give one that runs were exported to.')
}
