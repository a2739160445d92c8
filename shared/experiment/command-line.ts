import { PROGRAM } from '../base/program'
import { SETTINGS, defaultExperiment, type Setting } from '../settings/table'
import { actsInTraining, isAskedInTraining } from '../settings/training-groups'
import type { Experiment } from '../settings/experiment'

/** What an experiment is saved as, unless the user says otherwise. */
export const EXPERIMENT_FILE = 'experiment.json'

/** What a measurement does not depend on, and what training sets itself; one's own value of it is left out. */
const ASKED: Record<
  'signal' | 'lesion' | 'order' | 'train' | 'depth',
  (setting: Setting, experiment: Experiment) => boolean
> = {
  signal: isMeasured,
  lesion: isMeasured,
  order: (setting, experiment) =>
    isMeasured(setting, experiment) ||
    (experiment.order?.train === true && actsInTraining(setting.key, experiment)),
  train: ({ key }, experiment) => isAskedInTraining(key, experiment) && actsInTraining(key, experiment),
  // Depths and skip connections have options of their own there.
  depth: (setting, experiment) =>
    setting.key !== 'blocks' && setting.key !== 'skip' && ASKED.train(setting, experiment),
}

/** What a measurement depends on: the data set where that is its input. */
export function isMeasured({ key, group }: Setting, { input }: Experiment): boolean {
  return group !== 'training' || (key === 'data' && (input === 'data' || input === 'data-grid'))
}

/**
 * The command line that measures, or trains, the same. Settings at the command line's own defaults are left out, the
 * block never is. A drawn block has no name and stages have no options: then the experiment must come from a file.
 */
export function commandText(
  experiment: Experiment,
  file = EXPERIMENT_FILE,
  command: keyof typeof ASKED = 'signal',
): string {
  if (needsFile(experiment)) return `${PROGRAM} ${command} --experiment ${quote(file)}`
  const defaults = defaultExperiment()
  const options = SETTINGS.filter((s) => ASKED[command](s, experiment)).flatMap((s) => {
    const value = textOf(experiment[s.key])
    const needed = s.key === 'block' || value !== textOf(defaults[s.key])
    return needed ? [`--${s.option} ${quote(value)}`] : []
  })
  return [PROGRAM, command, ...options].join(' ')
}

/** Whether the command line has no words for the block or for the network's stages. */
export const needsFile = (experiment: Experiment): boolean =>
  hasDrawnBlock(experiment) || experiment.network !== undefined

/** Whether a block came from a file, so that the command line has no name for it. */
export function hasDrawnBlock({ block, compare }: Experiment): boolean {
  return [...block, ...compare].some((one) => typeof one !== 'string')
}

const textOf = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value))

/** For a POSIX shell: plain words as they are, anything else in single quotes. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
