import type { GraphNode } from '../graph/block-graph'
import type { BlockIndex } from '../graph/parameter-shape'
import type { Law } from './law'
import type { Gradient, Moments, TheoryContext } from './moments'
import type { Particles } from './trajectories'

/**
 * What theory reads of one operation: moments and gradients in closed form, and on sampled trajectories where there is
 * none.
 */
export interface TheoryReadings<N extends GraphNode = GraphNode> {
  /**
   * Where every value of the output is a linear combination of the inputs' values at its place: one number per input,
   * which then say all that theory needs; null where that holds only of other nodes.
   */
  coefficients?(node: N, at: BlockIndex): number[] | null
  /** What backward does to the sum of a unit's gradients over the batch; absent: nothing is known of it afterwards. */
  gradientSum?: 'removed' | 'kept'
  /**
   * What backward does to the share of a gradient that batch norms above have removed (`spent` of Gradient): it is
   * kept; or renewed by a norm over the batch, which removes a direction of its own; absent: nothing of it is left.
   */
  gradientSpent?: 'kept' | 'renewed'
  /** f(ax) = a f(x) for a > 0: the sum of gradient times value over the batch is the same on both sides. */
  isHomogeneous?: true
  /** Closed-form moments. @throws NoTheory where there is none */
  moments(node: N, inputs: Moments[], context: TheoryContext): Moments
  /**
   * The mean squared gradient at each input, given that at the output. Where all positions are multiplied by the same
   * factor, `grid` may stay as it is: the walk multiplies it likewise.
   * @throws NoTheory
   */
  gradientMoments(node: N, gradient: Gradient, inputs: Moments[], context: TheoryContext): Gradient[]
  /**
   * Correlation between two samples' masks, by which that of their gradients is multiplied; absent where samples share
   * one factor.
   * @param pair the input's moments; its first two samples
   */
  maskCorrelation?(node: N, pair: Moments, context: TheoryContext): number
  /**
   * How much of a gradient that comes back lies along the input over the batch, in proportion to all directions: of
   * one sample (`own`), E[z² f'(x)²]/E[f'(x)²] for x = m + s z; and of what two samples' gradients share (`pair`). Null
   * where `gradientSpent` says it.
   */
  leverage?(node: N, x: Moments, context: TheoryContext): { own: number; pair: number } | null
  /** How people write what it does, where that is short; absent: it has no short form. */
  law?: Law<N>
  /** The output's values on sampled trajectories, where moments have no closed form. @throws NoTheory */
  particles(node: N, inputs: Particles[], context: TheoryContext): Particles
  /**
   * The gradient at each input, given that at the output: of each unit and sample, in the order of `values`. As the
   * values, units stay what they are until a layer mixes them.
   */
  gradientParticles(
    node: N,
    gradient: Float64Array,
    inputs: Particles[],
    output: Particles,
    context: TheoryContext,
  ): Float64Array[]
}
