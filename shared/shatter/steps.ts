import { listOf, show } from '../base/check'
import { numberOrText } from '../base/decimal'
import { InputError } from '../base/errors'

/**
 * After how many updates the networks of a run are looked at. Its checkpoint holds them as they were last; as they were
 * after any fewer they are trained again, from the run's own seed.
 */
export type LookedStep = number | 'last'

/** As the run keeps them. */
export const LAST_STEP: readonly LookedStep[] = ['last']

const MOST_STEPS = 20

/**
 * Each once, in the order given.
 * @param value a list of numbers of updates and "last", or that as a text with commas between
 * @throws InputError
 */
export function parseLookedSteps(value: unknown, where = '--steps'): LookedStep[] {
  const given = typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value
  const hint = 'Give numbers of updates, from 0, and "last" for the end, with commas between: 0,100,last.'
  const list = listOf(given, where, {
    ...{ least: 1, most: MOST_STEPS, hint },
    what: `these are no 1 to ${MOST_STEPS} steps`,
  })
  const steps = list.map((one): LookedStep => {
    if (one === 'last') return one
    const number = typeof one === 'string' ? numberOrText(one) : one
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
    throw new InputError(where, `${show(one)} is no number of updates`, hint)
  })
  return [...new Set(steps)]
}

/** The largest of the steps that have a number; 0 where none has. */
export const largestStep = (steps: readonly LookedStep[]): number =>
  Math.max(0, ...steps.filter((step) => step !== 'last'))
