import { isMeasured } from '../experiment/command-line'
import type { Experiment } from '../settings/experiment'
import { SECTIONS } from '../settings/sections'
import { SETTINGS, defaultOf, type Setting } from '../settings/table'
import { actsInTraining } from '../settings/training-groups'

/** Of the commands that say so, which settings their results depend on. */
export const ACTS: Partial<Record<string, (setting: Setting, experiment: Experiment) => boolean>> = {
  signal: isMeasured,
  train: ({ key }, experiment) => actsInTraining(key, experiment),
}

/** Sections that say what views show, and what stands in no result. */
const SHOWN = ['sweep', 'draft']

/**
 * An experiment with all that a command's result does not depend on at its default: alike whether the screen asks or
 * the command line, which has no options for the rest.
 * @param experiment as the command runs it: of a training with its own number of networks, input and steps
 */
export function askedExperiment(command: string, experiment: Experiment): Experiment {
  const acts = ACTS[command]
  const settings = SETTINGS.map((s) => [
    s.key,
    !acts || acts(s, experiment) ? experiment[s.key] : defaultOf(s),
  ])
  const own = Object.fromEntries(settings) as Experiment
  const sections = SECTIONS.filter(({ key, isMeasured: isAsked }) =>
    acts ? isAsked && (key !== 'ownData' || own.data === experiment.ownData?.name) : !SHOWN.includes(key),
  ).flatMap(({ key }) => (experiment[key] === undefined ? [] : [[key, experiment[key]]]))
  return { ...own, version: experiment.version, ...Object.fromEntries(sections) }
}
