import type { Window } from './window'

/**
 * The few tensor operations that block operations are written in. Two implementations: float64.ts (plain arrays, the
 * oracle) and the trainer's, over TensorFlow.js. Values are [replica, sample × position, unit]; binary operations
 * broadcast axes of length 1.
 */
export interface TensorMath<T> {
  /** Batched over replicas: [R, a, b] × [R, b, c] → [R, a, c], after the transpositions asked for. */
  matMul(a: T, b: T, transposeA?: boolean, transposeB?: boolean): T
  add(a: T, b: T): T
  subtract(a: T, b: T): T
  multiply(a: T, b: T): T
  scale(a: T, factor: number): T
  relu(a: T): T
  /** `gradient` where `output` (of a ReLU) is positive, else 0. */
  reluGradient(gradient: T, output: T): T
  square(a: T): T
  /** 1/√(a + epsilon). */
  rsqrt(a: T, epsilon: number): T
  /** Mean over one axis (1: samples, 2: units), which keeps length 1. */
  mean(a: T, axis: 1 | 2): T
  /** Mean of the squares over one axis, which keeps length 1. */
  meanSquare(a: T, axis: 1 | 2): T
  /** Sum over the axes, which keep length 1. */
  sum(a: T, axes: (1 | 2)[]): T
  /** Length of an axis. */
  size(a: T, axis: 1 | 2): number
  exp(a: T): T
  tanh(a: T): T
  /** 1/(1 + e^-a). */
  sigmoid(a: T): T
  /** The error function. */
  erf(a: T): T
  maximum(a: T, b: T): T
  /** `gradient` where a ≥ b, else 0. */
  whereAtLeast(gradient: T, a: T, b: T): T
  /** [R, a, b] → [R, a b / columns, columns]: all values, in rows of this length. */
  reshape(a: T, columns: number): T
  /** Each row, taken as [first, second, rest], as [second, first, rest]. */
  swap(a: T, first: number, second: number): T
  /** [R, a, units] → [R, a, count]: the units from `start` on. */
  slice(a: T, start: number, count: number): T
  /** [R, a, units] → [R, a, units + count]: more units, all zero, after those that there are. */
  padUnits(a: T, count: number): T
  /**
   * What each place of a window sees as it moves over the grid: kernel area × [R, B × positions of the output, units],
   * row by row; `fill` outside the grid.
   */
  taps(a: T, window: Window, fill: number): T[]
  /** The adjoint of `taps`: every position collects what its taps hold. */
  untap(parts: readonly T[], window: Window): T
  /**
   * Convolution: [R, B × positions, units in] and weights [R, kernel area × units in, units out] → [R, B × positions of
   * the output, units out]. Rows of the weights lie tap by tap, as `taps` lists them.
   */
  convolve(a: T, weight: T, window: Window): T
  /** The adjoint of `convolve` in its input: from the gradient at the output to that at the input. */
  convolveBack(gradient: T, weight: T, window: Window): T
  /** The adjoint of `convolve` in its weights: from the input and the gradient at the output to that of the weights. */
  convolveWeights(a: T, gradient: T, window: Window): T
}
