import { expect } from 'vitest'
import { InputError } from '../../shared/base/errors'

/** The line that refuses what is read; "accepted" where it is not refused. */
export function refusal(read: () => unknown): string {
  try {
    read()
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return (error as InputError).message
  }
}
