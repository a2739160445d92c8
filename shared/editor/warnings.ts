import type { Experiment } from '../experiment'
import type { Draft } from './draft'
import type { Mend } from './problems'

/** What a valid block does that its maker may not expect. */
export interface Warning {
  kind: string
  /** The node it is about; '' for the whole block. */
  node: string
  text: string
  mends: Mend[]
}

export function warningsOf(_draft: Draft, _experiment: Experiment): Warning[] {
  return []
}
