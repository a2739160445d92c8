import { PROGRAM } from '../base/program'
import { EXPERIMENT_FILE, hasDrawnBlock, quote } from '../experiment/command-line'
import { SETTINGS, defaultExperiment } from '../settings/table'
import type { Experiment } from '../settings/experiment'
import type { TermListing } from './results'

/** Settings at which `paths` has defaults of its own: they are always said. */
const OWN_DEFAULTS = ['block', 'blocks', 'width', 'replicas', 'batch']

/**
 * The command line that measures the same paths. A drawn block has no name there, and training's settings have no
 * options: then all comes from a file, but what is given here.
 */
export function pathCommand(
  experiment: Experiment,
  listing: TermListing,
  training = false,
  file = EXPERIMENT_FILE,
): string {
  const isDrawn = hasDrawnBlock(experiment)
  const defaults = defaultExperiment()
  const needsFile = training && hasOwnTraining(experiment)
  const leftOut = training ? ['replicas', 'input', 'stem'] : []
  const options = SETTINGS.filter(({ key, group }) => {
    if (group === 'training' || leftOut.includes(key)) return false
    if (isDrawn) return key === 'blocks' || key === 'width'
    if (needsFile && key === 'remedies') return true
    return OWN_DEFAULTS.includes(key) || String(experiment[key]) !== String(defaults[key])
  }).map(({ option, key }) => `--${option} ${quote(String(experiment[key]))}`)
  const terms = listing === 'all' ? [] : [`--terms ${listing}`]
  const source = isDrawn || needsFile ? [`--experiment ${quote(file)}`] : []
  // The file's other curves are no part of it.
  const alone = needsFile && !isDrawn ? ['--compare ""'] : []
  const train = training ? ['--train'] : []
  return [`${PROGRAM} paths`, ...source, ...options, ...alone, ...terms, ...train].join(' ')
}

/** Whether that command line reads the experiment from a file. */
export function pathNeedsFile(experiment: Experiment, training: boolean): boolean {
  return hasDrawnBlock(experiment) || (training && hasOwnTraining(experiment))
}

/** Whether training is set otherwise than by default; `paths --train` has no options for it, and trains one network. */
function hasOwnTraining(experiment: Experiment): boolean {
  const defaults = defaultExperiment()
  return SETTINGS.some(
    ({ key, group }) =>
      group === 'training' && key !== 'trainReplicas' && String(experiment[key]) !== String(defaults[key]),
  )
}
