import { InputError } from '../../../shared/base/errors'
import type { OptionTexts } from './command'

/** An option that a command cannot do without. @throws InputError where it is missing */
export function needed(options: OptionTexts, key: string, hint: string): string {
  const text = options[key]
  if (typeof text === 'string' && text) return text
  throw new InputError(`--${key}`, 'it is missing', hint)
}

/**
 * Which of several, that count from 1.
 * @param others what the option takes beside
 * @throws InputError for what is no such number
 */
export function ordinal(text: string | boolean, where: string, others = ''): number {
  if (typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InputError(where, `"${text}" is not a number of one`, `Give a whole number from 1${others}.`)
}

/** What main/ says of the settings of a command, as the command's own words name them. @throws what it is given */
export function asOption(error: unknown): never {
  if (!(error instanceof InputError)) throw error
  const { where, what, hint } = error
  throw new InputError(where === 'run' ? 'RUN' : `--${where}`, what, hint)
}
