import { show } from '../base/check'
import { InputError } from '../base/errors'

const LONGEST = 60

/** What some systems mean by a file of that name. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/

export const isDataName = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^[a-z0-9][a-z0-9_-]*$/.test(value) &&
  value.length <= LONGEST &&
  !RESERVED.test(value)

/** The name of a data set of the user's, which is a folder's name everywhere. @throws InputError */
export function dataName(value: unknown, where: string): string {
  if (isDataName(value)) return value
  throw new InputError(
    where,
    `${show(value)} is no name for a data set`,
    `Give at most ${LONGEST} lower-case letters, digits, - and _, beginning with a letter or a digit.`,
  )
}
