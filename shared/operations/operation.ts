import type { Reference } from '../base/reference'
import type { BlockIndex, ParameterShape } from '../graph/parameter-shape'
import type { GraphNode } from '../graph/block-graph'
import type { StandardLayer } from '../graph/standard-layer'
import type { TheoryReadings } from '../moments/readings'
import type { TensorMath } from '../numerics/tensor-math'
import type { Shape } from '../numerics/shape'

/**
 * What a node says beside id, op and inputs: drives the file format, its checks, the editor's fields and the
 * documentation.
 */
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

/** Why an operation does not fit its inputs: a clause, and a sentence that says what to do. */
export interface Misfit {
  problem: string
  hint: string
}

/** What it is to people and to the rules of thumb about blocks; theory asks for its own readings. */
export type OperationKind = 'linear' | 'activation' | 'norm' | 'scale' | 'noise' | 'pool' | 'join' | 'other'

/**
 * One operation and all its readings. `forward` and `backward` serve every implementation of TensorMath; `saved` is
 * what backward needs of forward. Backward is the vector-Jacobian product; parameter gradients are sums over the batch.
 * Both can hold batch statistics constant: each sample then goes its own way, and the derivative is that of one
 * sample's path.
 */
export interface Operation<N extends GraphNode = GraphNode> extends TheoryReadings<N> {
  /** In sentences: "batch norm". */
  title: string
  kind: OperationKind
  definition: string
  /** The papers that it is from; left out: it is older than papers that are cited for it. */
  sources?: readonly Reference[]
  /** On pictures, a few characters: "BN". */
  symbol(node: N): string
  inputs: 1 | 2
  fields: readonly Field[]
  /** Shape of the output, given those of the inputs and the width N that `units` is a ratio of. */
  shape(node: N, inputs: readonly Shape[], width: number): Shape
  /**
   * Whether the inputs' shapes fit: null, or what is wrong, as a clause ("the sum joins 16 × 32 × 32 and 16 × 16 ×
   * 16"), and what to do.
   * @param text how shapes are written
   */
  misfit?(node: N, inputs: readonly Shape[], text: (shape: Shape) => string): Misfit | null
  /** Whether it fits hangs on the network's own width: a block by itself has no misfit of this kind. */
  fitsByWidth?: boolean
  parameters(node: N, input: Shape, output: Shape, at: BlockIndex): ParameterShape[]
  /**
   * What it takes over the batch, by name: each [R, 1, units], and the first of `saved` in this order. A forward pass
   * that is given them as `frozen` needs nothing else of the earlier one. Absent: it takes samples one by one.
   */
  statistics?: readonly string[]
  /**
   * The layer that it is in exports and code.
   * @param input shape of the first input
   */
  layer(node: N, input: Shape, output: Shape, at: BlockIndex): StandardLayer
  /** The sign of the output's values: never negative, or that of the first input's; absent or null: any. */
  sign?(node: N): 'never negative' | 'kept' | null
  /**
   * @param frozen its `statistics`: they are not taken over this batch
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
}
