/** Reads the documents of runs that are there. */
import { parseExperiment } from '../../../shared/experiment/experiment'
import { decodeMessage } from '../../../shared/protocol/transport'
import { parseEnvironment } from '../../../shared/runs/environment'
import type { RunDocument } from '../../../shared/runs/run'
import type { Experiment } from '../../../shared/settings/experiment'
import { readTextFile } from '../../files/read'
import type { KnownRuns } from './known-runs'
import { ENVIRONMENT_FILE, EXPERIMENT_FILE, reasonOf, RESULT_FILE } from './stored'

/** Bytes of a result, as text: a training of many networks has some tens of millions. */
const LARGEST_RESULT = 512 * 2 ** 20

/** @throws InputError where there is no such run; Error with what is damaged */
export function readRun(runs: KnownRuns, id: string): RunDocument {
  const entry = runs.existing(id)
  const experiment = readExperiment(runs, id)
  const answer = part(runs, id, RESULT_FILE, false) as Partial<RunDocument> | null
  const { started = null, result = null } = answer ?? {}
  const made = part(runs, id, ENVIRONMENT_FILE, false)
  const environment = made === null ? null : parseEnvironment(made, ENVIRONMENT_FILE)
  return { entry, experiment, environment, started, result }
}

/** @throws InputError, Error with what is damaged */
export const readExperiment = (runs: KnownRuns, id: string): Experiment =>
  parseExperiment(part(runs, id, EXPERIMENT_FILE, true), EXPERIMENT_FILE)

/** One of a run's documents. @returns null where it is missing and may be */
function part(runs: KnownRuns, id: string, name: string, isNeeded: boolean): unknown {
  const file = runs.fileOf(id, name)
  try {
    return decodeMessage(readTextFile(file, LARGEST_RESULT))
  } catch (error) {
    if (!isNeeded && (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`${file} cannot be read (${reasonOf(error)}). The run is left as it is.`, {
      cause: error,
    })
  }
}
