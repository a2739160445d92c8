import * as path from 'node:path'
import { version } from '../../package.json'
import type { RunEntry } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { RunLibrary } from '../runs/library'
import { CHECKPOINT_FILE } from '../trainer/engine/checkpoint/checkpoint'
import { writeImported } from './checkpoint'
import type { ImportLook } from '../../shared/import/look'
import { importedNetwork, type Architecture } from './network'

/** What was read of a file and written as a checkpoint, to become a run. */
export interface WrittenNetwork {
  look: ImportLook
  experiment: Experiment
  note: string
  steps: number
  device: string
  /** Of the run that an export is of; null: it had none but its id, or is not known. */
  name: string | null
}

/**
 * Reads the weights of a file and writes them as a training's checkpoint into a folder. It may take memory and time as
 * the file has it: hosts do it in a thread.
 * @param architecture null: the export's own
 * @throws InputError for what cannot be imported; Error of the system
 */
export async function writeNetwork(
  given: string,
  architecture: Architecture | null,
  folder: string,
): Promise<WrittenNetwork> {
  const network = await importedNetwork(given, architecture)
  writeImported(path.join(folder, CHECKPOINT_FILE), network)
  const { experiment, note, steps, arrays: _, ...look } = network
  const { from } = look
  return {
    ...{ look, experiment, note, steps: steps ?? 0, device: from?.device ?? '' },
    name: from && from.name !== from.id ? from.name : null,
  }
}

/**
 * Networks that were trained elsewhere, as a run.
 * @param name of the run; null: as the export's run was called, where no other has the name, else its id
 * @param write `writeNetwork`, in a thread or here
 * @throws InputError; Error that names cause and hint
 */
export async function importNetwork(
  library: RunLibrary,
  name: string | null,
  write: (folder: string) => Promise<WrittenNetwork>,
): Promise<{ entry: RunEntry; look: ImportLook }> {
  let look: ImportLook | null = null
  const entry = await library.take(async (folder) => {
    const written = await write(folder)
    look = written.look
    const { experiment, note, steps, device } = written
    // A name that is taken would be of two runs.
    const isTaken = library.list().runs.some((run) => run.name === written.name)
    const called = name ?? (isTaken ? null : written.name)
    return {
      ...{ note, steps, device },
      run: {
        ...{ kind: 'train' as const, name: called, experiment, request: {}, command: null },
        ...{ version, created: new Date().toISOString() },
      },
    }
  })
  return { entry, look: look! }
}
