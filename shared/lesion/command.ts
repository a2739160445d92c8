import { PROGRAM } from '../base/program'
import { EXPERIMENT_FILE, commandText, needsFile, quote } from '../experiment/command-line'
import { SETTINGS, defaultExperiment } from '../settings/table'
import type { Experiment } from '../settings/experiment'
import type { LesionSettings } from '../settings/lesion'

/** The command line that measures the residual networks of the view; with `--skip off` the plain ones. */
export function lesionCommand(experiment: Experiment, settings: LesionSettings): string {
  const { kind, draws, replicas, batch, training } = settings
  // Trained networks have the experiment's own numbers of networks and samples.
  const document: Experiment = { ...experiment, skip: 'on', ...(training ? {} : { replicas, batch }) }
  const options = [`--each ${kind}`, `--random ${draws}`]
  if (training) options.push('--train')
  if (training && settings.statistics !== 'intact') options.push(`--statistics ${settings.statistics}`)
  if (!lesionNeedsFile(experiment, settings)) {
    return [commandText(document, EXPERIMENT_FILE, 'lesion'), ...options].join(' ')
  }
  // What the file may hold otherwise must be said.
  const own = training ? [] : [`--replicas ${replicas}`, `--batch ${batch}`]
  return [
    `${PROGRAM} lesion`,
    `--experiment ${quote(EXPERIMENT_FILE)}`,
    '--skip on',
    ...own,
    ...options,
  ].join(' ')
}

/** Whether the command reads the experiment from a file: blocks and stages, and how to train, have no options. */
export function lesionNeedsFile(experiment: Experiment, { training }: LesionSettings): boolean {
  const defaults = defaultExperiment()
  const isOwn = SETTINGS.some(
    ({ key, group }) =>
      group === 'training' && JSON.stringify(experiment[key]) !== JSON.stringify(defaults[key]),
  )
  return needsFile(experiment) || (training && isOwn)
}
