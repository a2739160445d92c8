import { InputError, messageOf } from '../../../shared/base/errors'
import type { Kept } from '../../../shared/protocol/jobs'
import { runName } from '../../../shared/runs/run'
import type { RunSweep } from '../../../shared/sweep/run-sweep'
import { dataFolder, serialised } from '../../files/data-folder'
import { openRunLibrary, type RunLibrary } from '../../runs/library'
import { createRecorder, type MadeRun } from '../../runs/recorder'
import { readSettings } from '../lab/settings'
import type { CommandOption, OptionTexts } from './command'

const NAME_OPTION: CommandOption = ['--name <NAME>', 'the run’s name; without one it is called by its id']

/** Of a command that measures: it keeps a run where it is asked to. */
export const KEEP_OPTIONS: readonly CommandOption[] = [
  ['--keep', 'keep the result as a run (see runs)'],
  NAME_OPTION,
]

/** Of a command that takes its time: it keeps its run unless it is asked not to. */
export const NO_KEEP_OPTIONS: readonly CommandOption[] = [
  ['--no-keep', 'do not keep the result as a run (see runs)'],
  NAME_OPTION,
]

/** What is kept of a command's result. */
export interface Keep {
  keep: boolean
  name?: string
  /** The sweep that it is a point of. */
  sweep?: RunSweep
}

/** @throws InputError for a name that is none, or of a run that is not kept */
export function keepFromOptions({ keep, name }: OptionTexts): Keep {
  if (typeof name !== 'string') return { keep: keep === true }
  if (keep === true) return { keep, name: runName(name, '--name') }
  throw new InputError('--name', 'a result that is not kept has no name', 'Keep it, or leave the name out.')
}

/** What a command has put together without a job, as a run. @returns its id; null where it is not kept */
export async function keepMade(keep: Keep, made: Omit<MadeRun, 'name' | 'sweep'>): Promise<string | null> {
  if (!keep.keep) return null
  const recorder = createRecorder(openLibrary())
  try {
    return keptRun({ run: await recorder.keep({ ...made, name: keep.name ?? null, sweep: keep.sweep }) })
  } catch (error) {
    return keptRun({ run: null, runProblem: messageOf(error) })
  } finally {
    await recorder.close()
  }
}

/** This user's library. */
export function openLibrary(): RunLibrary {
  const folder = dataFolder()
  const { settings } = readSettings(folder)
  return openRunLibrary(folder, serialised(folder), { megabytes: () => settings.runsMegabytes })
}

/** A document's field for the run; there where one was asked for, null where it could not be kept. */
export const runField = ({ keep }: Keep, run: string | null) => (keep ? { run } : {})

/** The line that names the run, where it was kept. */
export const keptLines = (run: string | null): string[] => (run ? [`kept as ${run}`] : [])

/** The id under which a result was kept, for the document; where it could not be kept, why is said. */
export function keptRun({ run, runProblem }: Kept): string | null {
  if (runProblem !== undefined) process.stderr.write(`The result was not kept. ${runProblem}\n`)
  return run?.id ?? null
}
