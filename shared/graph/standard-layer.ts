/**
 * What a node computes, in layers that frameworks have: the vocabulary in which networks are exported and written as
 * code. Shapes and parameters are the node's own (`Operation.parameters`, in its order); numbers that are the same in
 * every network stand here.
 */
export type StandardLayer =
  /** x W + b; `standardised` is γ of scaled weight standardisation (Brock et al. 2021), 0: the weights as they are. */
  | { layer: 'linear'; standardised: number }
  /** Over a window; weights lie tap by tap, [taps × units in, units out]. */
  | ({ layer: 'convolution'; standardised: number } & LayerWindow)
  | { layer: 'relu' }
  | { layer: 'leaky-relu'; slope: number }
  /** x Φ(x), exactly. */
  | { layer: 'gelu' }
  | { layer: 'silu' }
  | { layer: 'tanh' }
  | { layer: 'identity' }
  /** (x - mean)/√(variance + epsilon) γ + β per unit; mean and variance are the operation's `statistics`. */
  | { layer: 'batch-norm'; epsilon: number }
  /** Of each sample, over groups of units and all positions, population variance; then γ and β per unit. */
  | { layer: 'group-norm'; groups: number; epsilon: number }
  /** x less its mean per unit over the batch, one of the operation's `statistics`. */
  | { layer: 'center' }
  /** Multiplication by a number that is not learned; `perBlock`: another in each block. */
  | { layer: 'scale'; factor: number; text: string; perBlock: boolean }
  /** Multiplication by one learned number, or by one for each unit, that starts at `initial`. */
  | { layer: 'gain'; perUnit: boolean; initial: number }
  /** Addition of one learned number that starts at `initial`. */
  | { layer: 'shift'; initial: number }
  /** While training, values become 0 with probability `rate`, the others grow by 1/(1 - rate). */
  | { layer: 'dropout'; rate: number }
  /** While training, all is 0 with probability 1 - `keep`; in evaluation, all is multiplied by `keep`. */
  | { layer: 'stochastic-depth'; keep: number }
  /** Zeros outside the grid count. */
  | ({ layer: 'average-pool' } & LayerWindow)
  | ({ layer: 'max-pool' } & LayerWindow)
  /** Every `stride`-th row and column; units filled up with zeros, or dropped, to `units`. */
  | { layer: 'shortcut'; stride: number; units: number }
  | { layer: 'sum' }
  | { layer: 'product' }

/** [rows, columns] each. */
export interface LayerWindow {
  kernel: [number, number]
  stride: [number, number]
  padding: [number, number]
}
