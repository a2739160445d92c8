import { isVectorData } from '../data/batch'
import type { Experiment } from '../settings/experiment'
import type { GraphNode } from '../graph/block-graph'
import type { Initialisation } from '../graph/initialisation'
import type { TheoryContext } from '../moments/moments'
import { operationOf } from '../operations'
import type { PlannedBlock } from '../network/plan'
import { positions, type Shape } from '../numerics/shape'

/** What theory needs to know of an experiment beside its blocks and its input. */
export type TheoryExperiment = Pick<Experiment, 'batch' | 'init' | 'gain' | 'seed'>

/** Noise as the input has theory of all networks at once: only a data set's samples depend on the seed. */
export const ofAllSeeds = <E extends Pick<Experiment, 'input' | 'seed'>>(experiment: E): E =>
  isVectorData(experiment) ? experiment : { ...experiment, seed: 0 }

/** One node of one block, as theory meets it. */
export interface Visit {
  node: GraphNode
  context: TheoryContext
  /** Where the output is a linear combination of the inputs, value by value: one number per input. */
  coefficients: number[] | null
  /**
   * Whether a norm over the batch may be met on the way back from here, which alone asks how much of its direction is
   * removed already; absent, as of a block by itself: it may.
   */
  isAboveNorm?: boolean
}

/** A node as theory meets it. @param shapes of edges, by node id (and `input`) */
export function visitOf(
  node: GraphNode,
  shapes: ReadonlyMap<string, Shape>,
  rest: Omit<TheoryContext, 'input' | 'output'>,
): Visit {
  const context = { ...rest, input: shapes.get(node.inputs[0])!, output: shapes.get(node.id)! }
  return { node, context, coefficients: operationOf(node).coefficients?.(node, rest.at) ?? null }
}

/** How theory meets a block by itself: as the first of its network, over a batch without end. */
export const alone = (initialisation: Initialisation): Omit<TheoryContext, 'input' | 'output'> => ({
  batch: Infinity,
  exchangeable: true,
  initialisation,
  at: { block: 1, depth: 1 },
  seed: 0,
})

/** The nodes of each block, in order, that its output depends on: what a scale of 0 shuts off is never looked at. */
export function visits(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  exchangeable: boolean,
): Visit[][] {
  let seed = experiment.seed
  let isAboveNorm = false
  return plan.map(({ graph, shapes }, k) => {
    const at = { block: k + 1, depth: plan.length }
    const all = graph.nodes.map((node): Visit => {
      const batch = experiment.batch * positions(shapes.get(node.inputs[0])!)
      const rest = { batch, exchangeable, initialisation: experiment, at, seed: ++seed }
      const visit = { ...visitOf(node, shapes, rest), isAboveNorm }
      isAboveNorm ||= operationOf(node).gradientSpent === 'renewed'
      return visit
    })
    const needed = new Set([graph.output])
    for (const { node, coefficients } of [...all].reverse()) {
      if (!needed.has(node.id)) continue
      node.inputs.forEach((id, i) => {
        if (coefficients?.[i] !== 0) needed.add(id)
      })
    }
    return all.filter(({ node }) => needed.has(node.id))
  })
}
