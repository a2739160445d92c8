import type { GraphNode } from '../graph/block-graph'
import type { TensorMath } from '../numerics/tensor-math'
import type { Gradient, Moments, TheoryContext } from '../moments/moments'
import type { Particles } from '../moments/trajectories'
import type { Shape } from '../numerics/shape'

/**
 * A tensor that an operation uses beside its inputs; a replica axis comes in front. Learned are `weight` and `bias`, drawn by the network's
 * initialisation, and `gain` and `shift`, which start at `initial`. Not learned: `constant`, which is `initial`, and `noise`, drawn
 * anew at every pass.
 */
export interface ParameterShape {
  role: 'weight' | 'bias' | 'gain' | 'shift' | 'constant' | 'noise'
  /** [rows, columns]; of `noise` with `perSample` the rows are those of one sample, and every sample has its own. */
  shape: [number, number]
  /** Inputs of its linear layer; 1 for what is not drawn by the initialisation. */
  fanIn: number
  /** Where it is not the number of columns. */
  fanOut?: number
  /** Where `gain`, `shift` and `constant` start. */
  initial?: number
  /** Factor on the standard deviation of weights and biases. */
  factor?: number
  /** Noise is 1/`scale` with probability `keep` (so that scale = keep keeps the mean), else 0. Not drawn (`expected`): its mean. */
  noise?: { keep: number; scale: number; perSample: boolean }
}

export const isLearned = ({ role }: Pick<ParameterShape, 'role'>) => role !== 'constant' && role !== 'noise'

/** What a node says beside id, op and inputs: drives the file format, its checks, the editor's fields and the documentation. */
export interface Field {
  key: string
  label: string
  type: 'integer' | 'number' | 'text' | 'switch' | 'numbers'
  minimum?: number
  maximum?: number
  /** Excludes the minimum itself. */
  isPositive?: boolean
  /** For a new node; a field with `optional` may be absent in files and means this then. */
  default: number | string | boolean | readonly number[]
  optional?: boolean
  definition: string
}

export interface Misfit {
  problem: string
  hint: string
}

export type OperationKind = 'linear' | 'activation' | 'norm' | 'scale' | 'noise' | 'pool' | 'join' | 'other'

/** Which of the L blocks a parameter is for: some start differently in each. */
export interface BlockIndex {
  /** Counts from 1. */
  block: number
  /** L. */
  depth: number
}

/**
 * One operation and all its readings. `forward` and `backward` serve every implementation of TensorMath; `saved` is what backward needs
 * of forward. Backward is the vector-Jacobian product; parameter gradients are sums over the batch. Both can hold batch statistics
 * constant: each sample then goes its own way, and the derivative is that of one sample's path.
 */
export interface Operation<N extends GraphNode = GraphNode> {
  /** In sentences: "batch norm". */
  title: string
  kind: OperationKind
  definition: string
  /** On pictures, a few characters: "BN". */
  symbol(node: N): string
  inputs: 1 | 2
  fields: readonly Field[]
  /** Shape of the output, given those of the inputs and the width N that `units` is a ratio of. */
  shape(node: N, inputs: readonly Shape[], width: number): Shape
  /**
   * Whether the inputs' shapes fit: null, or what is wrong, as a clause ("the sum joins 16 × 32 × 32 and 16 × 16 × 16"), and what to do.
   * @param text how shapes are written
   */
  misfit?(node: N, inputs: readonly Shape[], text: (shape: Shape) => string): Misfit | null
  /** Whether it fits hangs on the network's own width: a block by itself has no misfit of this kind. */
  fitsByWidth?: boolean
  parameters(node: N, input: Shape, output: Shape, at: BlockIndex): ParameterShape[]
  /**
   * @param frozen what an earlier forward saved: statistics over the batch are taken from there
   * @param shape of the first input
   */
  forward<T>(
    math: TensorMath<T>,
    node: N,
    inputs: T[],
    parameters: T[],
    frozen: T[] | undefined,
    shape: Shape,
  ): { output: T; saved: T[] }
  /**
   * @param frozen statistics over the batch do not depend on the input
   * @param shape of the first input
   * @returns gradients of the learned parameters, in their order, and of the inputs
   */
  backward<T>(
    math: TensorMath<T>,
    node: N,
    gradient: T,
    saved: T[],
    parameters: T[],
    frozen: boolean,
    shape: Shape,
  ): { inputs: T[]; parameters: T[] }
  /**
   * Where every value of the output is a linear combination of the inputs' values at its place: one number per input, which then say all that
   * theory needs; null where that holds only of other nodes.
   */
  coefficients?(node: N, at: BlockIndex): number[] | null
  /** What backward does to the sum of a unit's gradients over the batch; absent: nothing is known of it afterwards. */
  gradientSum?: 'removed' | 'kept'
  /** f(ax) = a f(x) for a > 0: the sum of gradient times value over the batch is the same on both sides. */
  isHomogeneous?: true
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
  /**
   * The gradient at each input, given that at the output: amplitudes, per unit and sample in the order of `values`, of a Gaussian that is
   * independent between samples. Signed, as paths that meet again may cancel.
   */
  gradientParticles(
    node: N,
    gradient: Float64Array,
    inputs: Particles[],
    output: Particles,
    context: TheoryContext,
  ): Float64Array[]
}
