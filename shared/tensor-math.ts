/**
 * The few tensor operations that block operations are written in. Two implementations: float64.ts (plain arrays, the oracle) and the
 * trainer's, over TensorFlow.js. Values are [replica, sample, unit]; binary operations broadcast axes of length 1.
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
  /** Sum over the axes, which keep length 1. */
  sum(a: T, axes: (1 | 2)[]): T
}
