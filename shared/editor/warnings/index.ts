import { INPUT } from '../../graph/block-graph'
import type { Draft } from '../../block/draft'
import { structureOf } from '../structure'
import { addsOnly, normBeforeSum } from './branch-end'
import { constantFactors } from './constant-factors'
import { withoutLinear, withoutSum } from './missing'
import { repetitions } from './repetitions'
import { inNetwork, smallBatch, unfit, withoutPositions } from './network'
import { onTheSkip } from './skip'
import { usedNode, type Settings, type Warning } from './warning'

export type { Warning } from './warning'

/** What can be learned from the block as it is drawn, in the experiment's network. */
export function warningsOf(draft: Draft, experiment: Settings): Warning[] {
  const structure = structureOf(draft)
  if (structure.cycles.length || !structure.used.has(INPUT)) return []
  const nodes = structure.order.flatMap(usedNode(structure))
  const context = { draft, experiment, structure, nodes, here: inNetwork(experiment, structure) }
  const warnings = [
    ...unfit(context),
    ...withoutPositions(context),
    ...addsOnly(context),
    ...withoutLinear(context),
    ...withoutSum(context),
    ...constantFactors(context),
    ...smallBatch(context),
    ...repetitions(context),
    ...normBeforeSum(context),
    ...onTheSkip(context),
  ]
  return warnings.map((warning) => ({
    ...warning,
    mends: warning.mends.filter(({ apply }) => apply(draft) !== draft),
  }))
}
