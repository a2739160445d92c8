import { INPUT } from '../graph/block-graph'
import { NoTheory } from '../moments/moments'
import type { PlannedBlock } from '../network/plan'
import type { Visit } from './walk'

/**
 * What theory knows of a value on an edge of a block. The traversal asks for nothing else: moments, sampled
 * trajectories and symbols are edges of the same walk.
 */
export interface EdgeReading<E> {
  /** The stream as a block meets it: whatever came before is one source of randomness to it. */
  enter(stream: E): E
  /**
   * A linear combination of edges, value by value.
   * @param inputs those with a coefficient of 0 may be missing
   * @param stream what the block began with, for the shape of a combination of nothing
   */
  combine(inputs: readonly (E | undefined)[], coefficients: readonly number[], stream: E): E
  /** Through any other operation. @throws NoTheory where this reading has no answer */
  apply(visit: Visit, inputs: E[]): E
}

/**
 * A gradient on an edge: the sum of independent Gaussian parts, by where each comes from. Parts of one origin add up
 * with their signs where paths meet again; those of different origins are uncorrelated.
 */
export interface GradientReading<E, G> {
  /** What arrives at an input that nothing leads back to. */
  zero(stream: E): G
  /** Two parts of one origin. */
  add(a: G, b: G): G
  /**
   * Through a linear combination of values, to the edge that is multiplied by this factor in it.
   * @param combination its node; from `input`, the edge, `output` is made
   */
  scale(part: G, factor: number, combination: Visit, input: E, output: E): G
  /** Whether parts of one origin have cancelled each other exactly. */
  isNothing(part: G): boolean
  /** One gradient in place of several parts of different origin: their mean squares add. @param edge where they meet */
  total(parts: G[], edge: E): G
  /** Whether what leaves the operation, going back, is independent of what arrives: it is then an origin of its own. */
  isOrigin(visit: Visit, output: E): boolean
  /** Through the operation, to each of its inputs. @throws NoTheory */
  pull(visit: Visit, part: G, inputs: E[], output: E): G[]
}

/** Which of a block's edges a gradient may take: from a node to its input number `slot`. */
export type Passage = (node: Visit['node'], slot: number) => boolean

const EVERYWHERE: Passage = () => true

/** All edges of a block, by node id (and `input`). @throws NoTheory */
export function forwardEdges<E>(
  visits: readonly Visit[],
  stream: E,
  reading: EdgeReading<E>,
): Map<string, E> {
  const entered = reading.enter(stream)
  const edges = new Map([[INPUT, entered]])
  for (const visit of visits) {
    const inputs = visit.node.inputs.map((id) => edges.get(id))
    const output = visit.coefficients
      ? reading.combine(inputs, visit.coefficients, entered)
      : reading.apply(visit, inputs as E[])
    edges.set(visit.node.id, output)
  }
  return edges
}

/** What arrives at the block's output: to the block, one origin. */
const ABOVE = ''

/**
 * The gradient at a block's input, given that at its output.
 * @param passes which edges it takes; what another edge would hand down is left out
 * @throws NoTheory
 */
export function backwardBlock<E, G>(
  output: string,
  visits: readonly Visit[],
  edges: ReadonlyMap<string, E>,
  gradient: G,
  reading: GradientReading<E, G>,
  passes: Passage = EVERYWHERE,
): G {
  const at = new Map<string, Map<string, G>>([[output, new Map([[ABOVE, gradient]])]])
  const arrive = (id: string, origin: string, part: G) => {
    const there = at.get(id) ?? new Map<string, G>()
    const before = there.get(origin)
    there.set(origin, before === undefined ? part : reading.add(before, part))
    at.set(id, there)
  }
  const arrived = (id: string): [origin: string, part: G][] =>
    [...(at.get(id) ?? [])].filter(([, part]) => !reading.isNothing(part))
  for (const visit of [...visits].reverse()) {
    const { node, coefficients } = visit
    const parts = arrived(node.id)
    // Trajectories are large: what has been passed on is not kept.
    at.delete(node.id)
    if (!parts.length) continue
    const [inputs, made] = [node.inputs.map((id) => edges.get(id)!), edges.get(node.id)!]
    const leaving: typeof parts = reading.isOrigin(visit, made)
      ? [[node.id, totalOf(parts, made, reading)]]
      : parts
    for (const [origin, part] of leaving) {
      const pulled = coefficients ? null : reading.pull(visit, part, inputs, made)
      node.inputs.forEach((id, slot) => {
        if (coefficients?.[slot] === 0 || !passes(node, slot)) return
        const back = pulled
          ? pulled[slot]
          : reading.scale(part, coefficients![slot], visit, inputs[slot], made)
        arrive(id, origin, back)
      })
    }
  }
  const stream = edges.get(INPUT)!
  const parts = arrived(INPUT)
  return parts.length ? totalOf(parts, stream, reading) : reading.zero(stream)
}

const totalOf = <E, G>(parts: [string, G][], edge: E, reading: GradientReading<E, G>) =>
  reading.total(
    parts.map(([, part]) => part),
    edge,
  )

/** The stream and all edges of the blocks that it went through. */
export interface Pass<E> {
  plan: readonly PlannedBlock[]
  walk: readonly (readonly Visit[])[]
  /** h_0..h_L. */
  states: E[]
  /** Edges of block k + 1, by node id. */
  edges(k: number): ReadonlyMap<string, E>
}

/** So many numbers of edges are kept, 64 MB; a block beyond is gone through again on the way back. */
const KEPT = 2 ** 23

/**
 * The stream through all blocks.
 * @param walk the nodes of each block, as `visits` has them
 * @param size how many numbers an edge has
 * @throws NoTheory
 */
export function forwardPlan<E>(
  plan: readonly PlannedBlock[],
  walk: readonly (readonly Visit[])[],
  input: E,
  reading: EdgeReading<E>,
  size: number,
): Pass<E> {
  const states = [input]
  const kept: Map<string, E>[] = []
  walk.forEach((visits, k) => {
    const edges = inBlock(k + 1, () => forwardEdges(visits, states[k], reading))
    if ((k + 1) * edges.size * size <= KEPT) kept.push(edges)
    states.push(edges.get(plan[k].graph.output)!)
  })
  return { plan, walk, states, edges: (k) => kept[k] ?? forwardEdges(walk[k], states[k], reading) }
}

/** Says of what has no theory which block it is. */
function inBlock<T>(block: number, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    if (error instanceof NoTheory) error.block ??= block
    throw error
  }
}

/** Gradients at h_0..h_L, given that at h_L. @throws NoTheory */
export function backwardPlan<E, G>(
  { plan, walk, edges }: Pass<E>,
  top: G,
  reading: GradientReading<E, G>,
): G[] {
  const gradients = [top]
  for (let k = plan.length - 1; k >= 0; k--)
    gradients.unshift(backwardBlock(plan[k].graph.output, walk[k], edges(k), gradients[0], reading))
  return gradients
}
