import { EXPERIMENT_FILE, commandText, needsFile } from '../experiment/command-line'
import { defaultDepth } from '../settings/depth'
import type { Experiment } from '../settings/experiment'
import { depthSettings } from './cells'

/** The command line that trains the same networks as the Depth view: without blocks to compare with. */
export function depthCommand(experiment: Experiment): string {
  const alone = { ...experiment, compare: [] }
  const { depths, skip } = depthSettings(experiment)
  const { depths: usual, skip: usualSkip } = defaultDepth()
  const isFile = needsFile(alone)
  const options = [
    ...(isFile || String(depths) !== String(usual) ? [`--depths ${depths.join(',')}`] : []),
    ...(isFile || skip !== usualSkip ? [`--skip ${skip}`] : []),
    ...(isFile && experiment.compare.length ? ["--compare ''"] : []),
  ]
  return [commandText(alone, EXPERIMENT_FILE, 'depth'), ...options].join(' ')
}

/** Whether the command reads the experiment from a file: drawn blocks and stages have no options. */
export const depthNeedsFile = (experiment: Experiment): boolean => needsFile({ ...experiment, compare: [] })
