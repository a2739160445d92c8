import { SETTINGS, defaultExperiment } from '../settings/table'
import type { Experiment } from '../settings/experiment'

const PROGRAM = 'npx residual-lab'

/** What an experiment is saved as, unless the user says otherwise. */
export const EXPERIMENT_FILE = 'experiment.json'

/** Training has its own keys; a measurement does not ask for them. */
const isMeasured = (group: string) => group !== 'training'

/**
 * The command line that measures the same. Settings at the command line's own defaults are left out, the block never
 * is. A drawn block has no name and stages have no options: then the experiment must come from a file.
 */
export function commandText(
  experiment: Experiment,
  file = EXPERIMENT_FILE,
  command: 'signal' | 'lesion' = 'signal',
): string {
  if (needsFile(experiment)) return `${PROGRAM} ${command} --experiment ${quote(file)}`
  const defaults = defaultExperiment()
  const options = SETTINGS.filter((s) => isMeasured(s.group)).flatMap((s) => {
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
