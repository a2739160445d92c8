import type { Initialisation } from '../graph/initialisation'
import type { BlockIndex } from '../graph/parameter-shape'

import type { Shape } from '../numerics/shape'

/**
 * Moments of one edge of the network in the limit of infinite width, over the units: for S samples, the mean and the
 * second-moment matrix E[x_a x_b]. Exchangeable inputs (Gaussian noise) need S = 2: one sample and one other; data sets
 * carry the whole batch.
 */
export interface Moments {
  mean: Float64Array
  /** S × S, row-major. */
  kernel: Float64Array
  /** Whether the coordinates are jointly Gaussian over samples. */
  gaussian: boolean
  /**
   * Where the randomness comes from: `input` or ids of linear layers. Edges without a common source are independent.
   */
  sources: ReadonlySet<string>
  /** Share of the variance that a batch norm has made exactly the same in all units; absent: 0. */
  normalised?: number
  /** Where positions of a grid differ. */
  grid?: GridMoments
}

/** Mean squared gradient per sample; `uniform` while it does not depend on the unit's activation. */
export interface Gradient {
  square: Float64Array
  uniform: boolean
  /**
   * How far each unit's gradients add up to 0 over the batch: 1 behind a batch norm; 0, and where absent: independent
   * between samples.
   */
  centred?: number
  /**
   * Going back through a batch norm removes the part of the gradient that lies along the norm's own output. This is the
   * share of it that a batch norm above has removed already: 1 where both norms have the same output, 0, and where
   * absent, where nothing has been removed.
   */
  spent?: number
  /** Mean squares at each position, where they differ. */
  grid?: Float64Array
}

/** What a reading of one operation may look at beside its inputs: where it stands, and in which network. */
export interface TheoryContext {
  batch: number
  /** Whether the S = 2 samples stand for any pair of the batch. */
  exchangeable: boolean
  initialisation: Initialisation
  /** Shapes of the node at hand: its first input's and its output's. */
  input: Shape
  output: Shape
  /** Which of the L blocks it is in. */
  at: BlockIndex
  /** Key of the node and block, for the particles' random numbers. */
  seed: number
}

/** Theory has no answer here; the message is a sentence for people. */
export class NoTheory extends Error {
  /** Of the L blocks the first that has none, counted from 1; absent: it is not of one block. */
  declare block?: number
}

/** Mean over the batch of E[x_a x_b] for fixed a: what subtracting the batch mean needs. */
export function batchMean(
  kernel: Float64Array,
  size: number,
  context: Pick<TheoryContext, 'batch' | 'exchangeable'>,
): { rows: Float64Array; all: number } {
  const rows = new Float64Array(size)
  let all = 0
  for (let a = 0; a < size; a++) {
    let sum = 0
    for (let b = 0; b < size; b++) sum += kernel[a * size + b]
    // Written so that an infinite batch is allowed.
    const other = kernel[a * size + (1 - a)]
    rows[a] = context.exchangeable ? other + (kernel[a * size + a] - other) / context.batch : sum / size
    all += rows[a] / size
  }
  return { rows, all }
}

/** Mean square over samples. */
export function meanSquare(moments: Pick<Moments, 'mean' | 'kernel'>): number {
  const size = moments.mean.length
  let sum = 0
  for (let a = 0; a < size; a++) sum += moments.kernel[a * size + a]
  return sum / size
}

/** The arithmetic mean; NaN of nothing. */
export function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}

/** Population variance over the batch, per unit, averaged over units. */
export function batchVariance(
  moments: Pick<Moments, 'mean' | 'kernel'>,
  context: Pick<TheoryContext, 'batch' | 'exchangeable'>,
): number {
  const square = meanSquare(moments)
  // Beyond float64 the difference would be NaN where the answer is plain.
  if (square === Infinity) return Infinity
  return Math.max(0, square - batchMean(moments.kernel, moments.mean.length, context).all)
}

/** κ1 of Cho and Saul 2009: 2 E[relu(x) relu(y)] for standard normals of correlation c; its value at 1 is 1. */
export function kappa1(c: number): number {
  const rho = Math.min(1, Math.max(-1, c))
  return (Math.sqrt(1 - rho * rho) + rho * (Math.PI - Math.acos(rho))) / Math.PI
}

/** κ0: P(x > 0, y > 0) × 2. */
export function kappa0(c: number): number {
  return (Math.PI - Math.acos(Math.min(1, Math.max(-1, c)))) / Math.PI
}

/**
 * What differs between the positions of a grid: zeros at its border leave less there. Means over all positions are
 * those of Moments, and the cross moment is that of any two samples at any two positions. Samples are exchangeable.
 */
export interface GridMoments {
  /** E[x²] and E[x] at each position. */
  square: Float64Array
  mean: Float64Array
  /** Whether neighbours share values, as behind a pool whose windows overlap. */
  isShared: boolean
}
