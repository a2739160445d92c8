import type { GraphNode } from '../graph'
import type { TensorMath } from '../tensor-math'
import type { Gradient, Moments, TheoryContext } from '../moments'
import type { Particles } from '../particles'

export interface ParameterShape {
  /** `weight` [in, out], `bias` [1, out], `gain` [1, 1]; a replica axis comes in front. */
  role: 'weight' | 'bias' | 'gain'
  shape: [number, number]
  /** Inputs of its linear layer. */
  fanIn: number
}

/**
 * One operation and all its readings. `forward` and `backward` serve every implementation of TensorMath; `saved` is what backward needs
 * of forward. Backward is the vector-Jacobian product; parameter gradients are sums over the batch. Both can hold batch statistics
 * constant: each sample then goes its own way, and the derivative is that of one sample's path.
 */
export interface Operation<N extends GraphNode = GraphNode> {
  definition: string
  /** Width of the output, given those of the inputs and of the stream. */
  width(node: N, inputs: number[], stream: number): number
  parameters(node: N, inputWidth: number, outputWidth: number): ParameterShape[]
  /** @param frozen what an earlier forward saved: statistics over the batch are taken from there */
  forward<T>(
    math: TensorMath<T>,
    node: N,
    inputs: T[],
    parameters: T[],
    frozen?: T[],
  ): { output: T; saved: T[] }
  /** @param frozen statistics over the batch do not depend on the input */
  backward<T>(
    math: TensorMath<T>,
    node: N,
    gradient: T,
    saved: T[],
    parameters: T[],
    frozen?: boolean,
  ): { inputs: T[]; parameters: T[] }
  /** Closed-form moments. @throws NoTheory where there is none */
  moments(node: N, inputs: Moments[], context: TheoryContext): Moments
  /** The mean squared gradient at each input, given that at the output. @throws NoTheory */
  gradientMoments(node: N, gradient: Gradient, inputs: Moments[], context: TheoryContext): Gradient[]
  /**
   * Correlation between two samples' masks, by which that of their gradients is multiplied; absent where samples share one factor.
   * @param pair the input's moments; its first two samples
   */
  maskCorrelation?(node: N, pair: Moments): number
  /** The same two readings on sampled trajectories, where moments have no closed form. */
  particles(node: N, inputs: Particles[], context: TheoryContext): Particles
  /** Squared gradient per unit and sample, in the order of `values`, carried along the trajectories. */
  gradientParticles(
    node: N,
    gradient: Float64Array,
    inputs: Particles[],
    output: Particles,
    context: TheoryContext,
  ): Float64Array[]
}
