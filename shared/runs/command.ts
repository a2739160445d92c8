import { PROGRAM } from '../base/program'
import { depthCommand } from '../depth/command'
import { commandText, EXPERIMENT_FILE, quote } from '../experiment/command-line'
import { parseExperiment } from '../experiment/experiment'
import { lesionNeedsFile } from '../lesion/command'
import { orderCommand } from '../order/command'
import { pathCommand } from '../paths/command'
import { TERM_LISTINGS } from '../paths/results'
import type { Experiment } from '../settings/experiment'
import { defaultLesionSettings } from '../settings/lesion'
import { defaultOrder } from '../settings/order'
import { defaultShatter, parseShatter } from '../settings/shatter'
import { regionsCommand, shatterCommand } from '../shatter/command'
import { fieldsOf } from './curves'
import type { RunKind } from './run'

/** What was asked for beside the experiment, or what a run says of its start. */
type Asked = Record<string, unknown>

const COMMANDS: Record<RunKind, (experiment: Experiment, asked: Asked) => string> = {
  signal: (experiment) => commandText(experiment, EXPERIMENT_FILE, 'signal'),
  train: (experiment) => commandText(experiment, EXPERIMENT_FILE, 'train'),
  depth: depthCommand,
  order: (experiment) => orderCommand(experiment, experiment.order ?? defaultOrder()),
  shatter: (experiment, { settings }) => shatterCommand(experiment, parseShatter(fieldsOf(settings))),
  regions: (experiment) => regionsCommand(experiment, experiment.shatter ?? defaultShatter()),
  lesion(experiment, { lesion, training, trained, statistics }) {
    const isTrained = training === true
    const beginning =
      typeof trained === 'string'
        ? `${PROGRAM} lesion --run ${quote(trained)}`
        : lesionNeedsFile(experiment, { ...defaultLesionSettings(), training: isTrained })
          ? `${PROGRAM} lesion --experiment ${EXPERIMENT_FILE}`
          : commandText(experiment, EXPERIMENT_FILE, 'lesion')
    const options = Object.entries(fieldsOf(lesion))
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `--${key} ${quote(String(value))}`)
    if (isTrained && trained === undefined) options.push('--train')
    if (isTrained && statistics === 'changed') options.push('--statistics changed')
    return [beginning, ...options].join(' ')
  },
  paths(experiment, asked) {
    // The view tells its whole request, which is of one series of the experiment.
    const request = fieldsOf(asked.request)
    const { listing, training } = { ...asked, ...request }
    const measured = request.experiment === undefined ? experiment : parseExperiment(request.experiment)
    const known = TERM_LISTINGS.find((one) => one === listing) ?? 'all'
    if (typeof asked.trained === 'string')
      return `${PROGRAM} paths --run ${quote(asked.trained)} --terms ${known}`
    return pathCommand(measured, known, training === true)
  },
}

/**
 * The command line that makes a run again. What has no words there is read from the experiment's file in the run's
 * folder.
 */
export const runCommand = (kind: RunKind, experiment: Experiment, asked: Asked): string =>
  COMMANDS[kind](experiment, asked)
