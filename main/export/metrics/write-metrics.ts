import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError, messageOf } from '../../../shared/base/errors'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { exportedNetwork } from '../../../shared/export/network'
import { seriesGraphs } from '../../../shared/network/series'
import { metricsTable, type MetricMeaning } from '../../../shared/runs/metrics-table'
import type { RunDocument } from '../../../shared/runs/run'
import { withoutTemporary } from '../../files/write'
import { replaceFileNow, temporaryFolderOf } from '../../files/write-now'
import type { RunLibrary } from '../../runs/library'
import { CHECKPOINT_FILE, openCheckpoint, orRefused } from '../../trainer/engine/checkpoint/checkpoint'
import { EXPORT_MODE } from '../format'
import { arrayNames } from '../source'
import type { LearnedArray, MetricsFormat, MetricsSource } from './format'

export interface WrittenMetrics {
  /** In the order of the table. */
  metrics: readonly MetricMeaning[]
}

/**
 * Writes all numbers of a run, whole or not at all.
 * @param out the format's file or folder
 * @param force whether what is there gives way: a file, or a folder that holds nothing else than such files
 * @throws InputError where the run has no numbers, or the place is taken; Error that names cause and hint
 */
export function writeMetrics(
  library: RunLibrary,
  run: string,
  { format, out: given, force }: { format: MetricsFormat; out: string; force: boolean },
): WrittenMetrics {
  const out = path.resolve(given)
  checkPlace(out, format, force)
  const [source, close] = openMetrics(library, run)
  const temporary = temporaryFolderOf(out)
  try {
    for (const [name, parts] of format.files(source)) {
      const file = path.join(temporary, name)
      fs.mkdirSync(path.dirname(file), { recursive: true })
      replaceFileNow(file, parts, EXPORT_MODE)
    }
    // Folders give way by name alone; what is in this one is ours.
    if (format.is === 'folder') fs.rmSync(out, { recursive: true, force: true })
    fs.renameSync(temporary, out)
    return { metrics: source.table.metrics }
  } catch (error) {
    if (error instanceof InputError) throw error
    const hint = 'Choose another folder or free some space.'
    throw new Error(`${out} could not be written (${messageOf(error)}). ${hint}`, { cause: error })
  } finally {
    close()
    withoutTemporary(temporary)
  }
}

/** The files of a run's numbers by their path, in memory; of a single file the path is empty. @throws InputError */
export function metricsFiles(library: RunLibrary, run: string, format: MetricsFormat): Map<string, Buffer> {
  const [source, close] = openMetrics(library, run)
  try {
    return new Map([...format.files(source)].map(([name, parts]) => [name, Buffer.concat([...parts])]))
  } finally {
    close()
  }
}

/** @returns the numbers, and what closes the file of the parameters */
function openMetrics(library: RunLibrary, run: string): [MetricsSource, close: () => void] {
  const document = library.open(run)
  const table = metricsTable(document)
  if (!table.curves.length) {
    const hint = document.entry.state === 'running' ? 'Wait for its end, or stop it.' : 'Name another run.'
    throw new InputError('RUN', `"${run}" has no numbers`, hint)
  }
  const { parameters, close } = openParameters(library, document)
  return [{ document, table, parameters }, close]
}

/** What the networks of a training learned, as far as its checkpoint is there. @throws InputError for a damaged one */
function openParameters(
  library: RunLibrary,
  { entry, experiment }: RunDocument,
): { parameters: LearnedArray[]; close: () => void } {
  const folder = entry.kind === 'train' ? trainedFolder(library, entry.id) : null
  if (folder === null) return { parameters: [], close: () => {} }
  const { arrays } = openCheckpoint(path.join(folder, CHECKPOINT_FILE), trainingExperiment(experiment))
  const parameters = seriesGraphs(experiment).flatMap((_, i) =>
    arrayNames(exportedNetwork(experiment, i, true)).flatMap((name): LearnedArray[] => {
      const inFile = `series.${i + 1}.${name}`
      if (!arrays.shapes.has(inFile)) return []
      return [{ series: i + 1, name, values: () => orRefused(() => arrays.values(inFile)) }]
    }),
  )
  return { parameters, close: () => arrays.close() }
}

/** Null where the training has left no checkpoint: its numbers are files all the same. */
function trainedFolder(library: RunLibrary, run: string): string | null {
  try {
    return library.trained(run)
  } catch (error) {
    if (error instanceof InputError) return null
    throw error
  }
}

/** @throws InputError where something is there that is not to give way */
function checkPlace(out: string, format: MetricsFormat, force: boolean): void {
  const parent = path.dirname(out)
  if (!fs.existsSync(parent))
    throw new InputError('--out', `there is no folder ${parent}`, 'Make it first, or give another path.')
  const found = fs.statSync(out, { throwIfNoEntry: false })
  if (!found) return
  if (!force)
    throw new InputError('--out', `${out} is there already`, 'Give another path, or --force to replace it.')
  if (!found.isDirectory() && format.is === 'file') return
  if (found.isDirectory() && format.is === 'folder' && holdsEventsAlone(out)) return
  const what = found.isDirectory() ? `a folder that holds other files` : 'a file'
  throw new InputError('--out', `${out} is ${what}`, 'Give another path.')
}

/** Folders of event files, and nothing that is somebody else's. */
const holdsEventsAlone = (folder: string): boolean =>
  fs.readdirSync(folder, { withFileTypes: true }).every((one) => {
    if (!one.isDirectory()) return false
    return fs
      .readdirSync(path.join(folder, one.name))
      .every((name) => /^events\.out\.tfevents\.\d+\.residual-lab$/.test(name))
  })
