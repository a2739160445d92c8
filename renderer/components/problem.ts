import { InputError } from '../../shared/base/errors'

/** What to say beside a control that was given something wrong, without the path that its label says already. @throws what is no bad input */
export function problemOf(error: unknown): string {
  if (!(error instanceof InputError)) throw error
  return sentence(error.message.slice(error.where.length + 2))
}

const sentence = (text: string) => text[0].toUpperCase() + text.slice(1)
