import { InputError } from '../../shared/base/errors'

/** What to say beside a control that was given something wrong. @throws whatever is not bad input */
export function problemOf(error: unknown): string {
  if (!(error instanceof InputError)) throw error
  return error.sentence
}
