import { wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import { describedData } from '../data/data-sets'
import { outputsOf } from '../data/description'
import { evaluatedSamples } from '../network/schedule'
import type { Experiment } from '../settings/experiment'
import { defaultShatter, type ShatterSettings } from '../settings/shatter'
import { SHATTERING } from './shatter'

/**
 * A line through the inputs of trained networks: x(t) = a + t (b - a), a and b two test samples as networks take them,
 * counted from 0 in their part. What is differentiated is the logit of a's class.
 */
export interface SampleLine {
  from: number
  to: number
}

/** From a to b. */
export const trainedShatter = (): ShatterSettings => ({ ...defaultShatter(), range: [0, 1] })

/** As evaluations measure it while networks learn: from test sample 0 to 1. */
export const learningShatter = (): ShatterSettings => ({
  ...trainedShatter(),
  ...{ points: SHATTERING.points, lags: SHATTERING.lags },
})

/**
 * How many samples go through trained networks that are looked at once: those that they are evaluated on, the points
 * of the line, and for the correlation of gradients some samples once for each output.
 * @param experiment as `trainingExperiment` makes it
 */
export function lookedSamples(experiment: Experiment, points: number) {
  const { training, test } = evaluatedSamples(experiment)
  const correlated = SHATTERING.samples * outputsOf(describedData(experiment))
  const evaluated = training + test
  return { evaluated, correlated, all: evaluated + points + correlated }
}

/** @throws InputError where there are no such two test samples, or what is asked for is of drawn networks alone */
export function parseSampleLine(
  { from = 0, to = 1 }: { from?: unknown; to?: unknown },
  experiment: Experiment,
  { center, beta, references }: ShatterSettings,
): SampleLine {
  const { title, test } = describedData(experiment)
  const sample = (value: unknown, where: string) =>
    wholeNumber(value, where, { minimum: 0, maximum: test - 1 })
  const line = { from: sample(from, '--from'), to: sample(to, '--to') }
  if (line.from === line.to) {
    const what = `test sample ${line.from} of ${title} is both ends of the line`
    throw new InputError('--to', what, 'Give two different samples.')
  }
  const changed =
    center === 'on' ? '--center' : beta !== 1 ? '--beta' : references === 'on' ? '--references' : null
  if (changed) {
    const what =
      'trained networks are measured as they are, without changes and without drawn ones beside them'
    throw new InputError(changed, what, 'Leave it out.')
  }
  return line
}
