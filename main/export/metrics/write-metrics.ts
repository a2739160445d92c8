import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError } from '../../../shared/base/errors'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { exportedNetwork } from '../../../shared/export/network'
import { seriesGraphs } from '../../../shared/network/series'
import { metricsTable, type MetricMeaning } from '../../../shared/runs/metrics-table'
import type { RunDocument } from '../../../shared/runs/run'
import { replaceFileNow } from '../../files/write-now'
import type { RunLibrary } from '../../runs/library'
import { CHECKPOINT_FILE, openCheckpoint, orRefused } from '../../trainer/engine/checkpoint/checkpoint'
import { EXPORT_MODE } from '../format'
import { intoPlace, orSaid, type ExportPlace } from '../place'
import { arrayNames } from '../source'
import type { LearnedArray, MetricsFormat, MetricsSource } from './format'

export interface WrittenMetrics {
  /** In the order of the table. */
  metrics: readonly MetricMeaning[]
}

/**
 * Writes all numbers of a run, whole or not at all.
 * @param place the format's file or folder
 * @throws InputError where the run has no numbers, or the place is taken; Error that names cause and hint
 */
export function writeMetrics(
  library: RunLibrary,
  run: string,
  format: MetricsFormat,
  place: ExportPlace,
): Promise<WrittenMetrics> {
  const out = path.resolve(place.out)
  const write = (folder: string): WrittenMetrics => {
    const [source, close] = openMetrics(library, run)
    try {
      for (const [name, parts] of format.files(source)) {
        const file = path.join(folder, path.basename(out), name)
        fs.mkdirSync(path.dirname(file), { recursive: true })
        replaceFileNow(file, parts, EXPORT_MODE)
      }
      return { metrics: source.table.metrics }
    } finally {
      close()
    }
  }
  return intoPlace(
    { ...place, out },
    (folder) => orSaid(out, () => write(folder)),
    (folder) => format.is === 'folder' && holdsEventsAlone(folder),
  )
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
    throw new InputError('run', `"${run}" has no numbers`, hint)
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

/** Folders of event files, and nothing that is somebody else's. */
const holdsEventsAlone = (folder: string): boolean =>
  fs.readdirSync(folder, { withFileTypes: true }).every((one) => {
    if (!one.isDirectory()) return false
    return fs
      .readdirSync(path.join(folder, one.name))
      .every((name) => /^events\.out\.tfevents\.\d+\.residual-lab$/.test(name))
  })
