import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import type { RunDocument } from '../../../shared/runs/run'
import { findRun } from '../../runs/find-run'
import type { RunLibrary } from '../../runs/library'
import type { CommandOption, OptionTexts } from './command'
import { openLibrary } from './keep'
import { experimentOptions, firstGiven } from './options'

export const RUN_OPTION: CommandOption = [
  '--run <RUN>',
  'look at the trained networks of this run: its id, the beginning of one, its name, or "last"',
]

/** A saved run whose trained networks a command looks at. */
export interface TrainedRun {
  id: string
  experiment: Experiment
}

/**
 * The run that `--run` names; null: none is.
 * @throws InputError for one that is not there, and for options that say what the run says already
 */
export function runFromOptions(options: OptionTexts): TrainedRun | null {
  if (typeof options.run !== 'string') return null
  const flag = firstGiven(options, experimentOptions())
  if (flag) throw new InputError(flag, 'the run says it already', `Leave ${flag} out, or the run.`)
  if (options.train !== undefined)
    throw new InputError(
      '--train',
      'the networks of a run are trained already',
      'Leave --train out, or the run.',
    )
  const library = openLibrary()
  const { id } = findRun(options.run, library.list().runs, '--run')
  library.trained(id, '--run')
  return { id, experiment: library.open(id).experiment }
}

/** Each run once, in the order given. @throws InputError for one that is not there */
export function openRuns(library: RunLibrary, text: string): RunDocument[] {
  const { runs } = library.list()
  const ids = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => findRun(one, runs).id)
  if (!ids.length) throw new InputError('--runs', 'it names no run', 'Name the runs, with commas between.')
  return [...new Set(ids)].map((id) => library.open(id))
}
