import { InputError } from '../base/errors'
import { asText, parseDraft } from '../block/draft-file'
import type { Draft } from '../block/draft'

/** The section `draft` of an experiment: an edited block as far as the chosen blocks do not say it already. */
export interface DraftSection {
  /** Name of the chosen block whose draft this is: with another block chosen it rests. */
  of: string
  draft: Draft
}

/** @throws InputError */
export function parseDraftSection(value: unknown, where: string): DraftSection {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError(where, 'this is not an edited block (an object with of and draft)', 'Leave it out.')
  const { of, draft } = value as Record<string, unknown>
  return { of: asText(of, `${where}.of`), draft: parseDraft(draft, `${where}.draft`) }
}
