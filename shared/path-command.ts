import { EXPERIMENT_FILE, hasDrawnBlock, quote } from './command-text'
import { SETTINGS, defaultExperiment, type Experiment } from './experiment'
import type { TermListing } from './paths'

/** Settings at which `paths` has defaults of its own: they are always said. */
const OWN_DEFAULTS = ['block', 'blocks', 'width', 'replicas', 'batch']

/** The command line that measures the same paths. A drawn block has no name there: then all comes from a file, but what is given here. */
export function pathCommand(experiment: Experiment, listing: TermListing, file = EXPERIMENT_FILE): string {
  const isDrawn = hasDrawnBlock(experiment)
  const defaults = defaultExperiment()
  const options = SETTINGS.filter(({ key, group }) => {
    if (group === 'training') return false
    if (isDrawn) return key === 'blocks' || key === 'width'
    return OWN_DEFAULTS.includes(key) || String(experiment[key]) !== String(defaults[key])
  }).map(({ option, key }) => `--${option} ${quote(String(experiment[key]))}`)
  const terms = listing === 'all' ? [] : [`--terms ${listing}`]
  const source = isDrawn ? [`--experiment ${quote(file)}`] : []
  return ['npx residual-lab paths', ...source, ...options, ...terms].join(' ')
}
