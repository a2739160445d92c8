import type { GraphNode } from '../graph/block-graph'
import { survivalProbability } from '../operations/noise'
import type { PlannedBlock } from '../network/plan'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'

/** Networks that keep some of their branches, how often that happens, and the plan they then are. */
interface Outcome {
  plan: readonly PlannedBlock[]
  share: number
}

/** Up to this many branches that may be left out, every outcome is computed. */
const ENUMERATED = 6
const SAMPLED = 64
const LIVE_SAMPLED = 8

/**
 * Stochastic depth is drawn once for a network: theory is the mean over what may be drawn. A kept branch is passed on
 * as it is, another is multiplied by 0.
 */
export function outcomes(
  plan: readonly PlannedBlock[],
  seed: number,
  live: boolean,
): { plans: Outcome[]; remark: string | null } {
  const keep = plan.flatMap(({ graph }, k) =>
    graph.nodes.flatMap((node) =>
      node.op === 'stochastic-depth'
        ? [survivalProbability(node.survival, { block: k + 1, depth: plan.length })]
        : [],
    ),
  )
  if (!keep.length) return { plans: [{ plan, share: 1 }], remark: null }
  if (keep.length <= ENUMERATED) {
    const plans: Outcome[] = []
    for (let pattern = 0; pattern < 2 ** keep.length; pattern++) {
      const kept = keep.map((_, i) => ((pattern >> i) & 1) === 1)
      const share = keep.reduce((product, p, i) => product * (kept[i] ? p : 1 - p), 1)
      if (share > 0) plans.push({ plan: resolved(plan, kept), share })
    }
    return { plans, remark: null }
  }
  const count = live ? LIVE_SAMPLED : SAMPLED
  const random = new Random(seed, STREAM.keptBranches)
  // Systematic: of `count` networks, every branch is in the share that its probability says, to within one.
  const orders = keep.map(() => random.permutation(count))
  const offsets = keep.map(() => random.uniform())
  const plans = Array.from({ length: count }, (_, n) => {
    const kept = keep.map((p, i) => (orders[i][n] + offsets[i]) / count < p)
    return { plan: resolved(plan, kept), share: 1 / count }
  })
  return {
    plans,
    remark:
      `Mean over ${count} draws of the branches that stochastic depth keeps: right to a few per cent of ` +
      'what they add.',
  }
}

/** @param kept one by one, in the order of blocks and nodes */
function resolved(plan: readonly PlannedBlock[], kept: boolean[]): PlannedBlock[] {
  let next = 0
  return plan.map((planned) => {
    const nodes = planned.graph.nodes.map((node): GraphNode => {
      if (node.op !== 'stochastic-depth') return node
      const factor = kept[next++] ? 1 : 0
      return { id: node.id, op: 'scale', inputs: node.inputs, factor, text: String(factor) }
    })
    return { ...planned, graph: { ...planned.graph, nodes } }
  })
}
