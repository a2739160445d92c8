import { knownFields, nameText, objectOf } from '../base/check'
import { parseDraft } from '../block/draft-file'
import type { Draft } from '../block/draft'

/** The section `draft` of an experiment: an edited block as far as the chosen blocks do not say it already. */
export interface DraftSection {
  /** Name of the chosen block whose draft this is: with another block chosen it rests. */
  of: string
  draft: Draft
}

/** @throws InputError */
export function parseDraftSection(value: unknown, where: string): DraftSection {
  const what = 'this is not an edited block (an object with of and draft)'
  const { of, draft } = knownFields(objectOf(value, where, what, 'Leave it out.'), where, ['of', 'draft'])
  return { of: nameText(of, `${where}.of`), draft: parseDraft(draft, `${where}.draft`) }
}
