import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import { findRun } from '../../runs/find-run'
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
