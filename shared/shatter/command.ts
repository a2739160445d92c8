import { PROGRAM } from '../base/program'
import { EXPERIMENT_FILE, commandText, hasDrawnBlock } from '../experiment/command-line'
import type { Experiment } from '../settings/experiment'
import { defaultShatter, type ShatterSettings } from '../settings/shatter'
import { LAST_STEP, type LookedStep } from './steps'
import { trainedShatter, type SampleLine } from './trained'

/** The command line that counts linear regions of the same line; `experiment` is of one block and one remedy. */
export function regionsCommand(experiment: Experiment, settings: ShatterSettings): string {
  const own = { ...settings, references: 'off' as const, lags: null }
  const counted = shatterCommand({ ...experiment, skip: 'on' }, own)
  // A file may hold several remedies.
  const remedy = hasDrawnBlock(experiment) ? ` --remedies ${experiment.remedies.join()}` : ''
  return `${counted}${remedy} --regions`
}

/** The command line that measures trained networks of a run between the same samples. */
export function trainedCommand(
  run: string,
  { from, to }: SampleLine,
  settings: ShatterSettings,
  steps: readonly LookedStep[],
): string {
  const { points, range, lags } = settings
  const usual = trainedShatter()
  const options = [
    from === 0 ? '' : ` --from ${from}`,
    to === 1 ? '' : ` --to ${to}`,
    points === usual.points ? '' : ` --points ${points}`,
    range.join() === usual.range.join() ? '' : ` --range ${range.join()}`,
    lags === null ? '' : ` --lags ${lags}`,
    steps.join() === LAST_STEP.join() ? '' : ` --steps ${steps.join()}`,
  ]
  return `${PROGRAM} shatter --run ${run}${options.join('')}`
}

/** The command line that measures the same curves. */
export function shatterCommand(experiment: Experiment, settings: ShatterSettings): string {
  // The line and the stem replace the experiment's input.
  const { network: _, ...rest } = experiment
  const signal = commandText({ ...rest, input: 'normal', stem: 'none' }, EXPERIMENT_FILE)
  const isFromFile = hasDrawnBlock(experiment)
  const options = [signal.replace(' signal ', ' shatter ')]
  // `shatter` has another default for the width, so it is always said.
  if (!isFromFile && !/ --width /.test(signal)) options.push(`--width ${experiment.width}`)
  const { points, range, center, beta, references, lags } = settings
  const defaults = defaultShatter()
  const add = (option: string, value: string, usual: string) => {
    // What a file may hold must be said.
    if (isFromFile || value !== usual) options.push(`--${option} ${value}`)
  }
  add('points', String(points), String(defaults.points))
  add('range', range.join(), defaults.range.join())
  add('center', center, defaults.center)
  add('beta', String(beta), String(defaults.beta))
  add('references', references, defaults.references)
  if (lags !== null) options.push(`--lags ${lags}`)
  return options.join(' ')
}
