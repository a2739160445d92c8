import type { GraphNode } from '../graph/block-graph'
import type { TheoryContext } from './moments'

/** A number as people write it ("2 · ½"), and what it is. */
export interface Term {
  symbols: string
  value: number
}

/** Mean square, batch variance and mean of the stream before a block, as measured: q, v and m. */
export interface StreamStatistics {
  q: number
  v: number
  m: number
}

/** The mean square of an edge while it has a short form. */
export interface SquareTerm extends Term {
  /** Gaussian of mean 0: half of it passes a ReLU. */
  isCentred: boolean
  /** The mean, where an activation made one. */
  mean: Term | null
}

/** What one operation does to mean squares and to mean squared gradients, as people write it. */
export interface Law<N extends GraphNode = GraphNode> {
  /** The output's mean square; null where it has no short form. */
  square(node: N, input: SquareTerm, context: TheoryContext): SquareTerm | null
  /**
   * What mean squared gradients are multiplied by on the way back; null where it has no short form.
   * @param stream where the input is the stream itself: what was measured of it
   */
  gradient(node: N, context: TheoryContext, stream: StreamStatistics | null): Term | null
  /** The constant that all values are multiplied by: behind a sum it is written before the bracket. */
  constant?(node: N): number
}

/** A constant of a law: 2, not 2.00. */
export const constant = (value: number): Term => ({ symbols: String(Number(value.toPrecision(3))), value })

/** "2 · ½ · q"; a factor of one is not written. */
export function times(factor: Term, rest: Term): Term {
  const value = factor.value * rest.value
  if (factor.symbols === '1') return { symbols: rest.symbols, value }
  if (rest.symbols === '1') return { symbols: factor.symbols, value }
  return { symbols: `${factor.symbols} · ${rest.symbols}`, value }
}

/** All values multiplied by one number. */
export const scaled = (factor: number, { mean, isCentred, ...square }: SquareTerm): SquareTerm => ({
  ...times(constant(factor * factor), square),
  isCentred,
  mean: mean && times(constant(factor), mean),
})

/** The law of a multiplication of all values by one number. */
export const scaleLaw = <N extends GraphNode>(factorOf: (node: N) => number): Law<N> => ({
  square: (node, input) => scaled(factorOf(node), input),
  gradient: (node) => constant(factorOf(node) ** 2),
})

/**
 * The law of a norm: mean 0 and mean square 1, whatever comes in.
 * @param inverse one over the variance that it divides the stream by; of other inputs nothing is measured
 */
export const normLaw = (inverse: (stream: StreamStatistics) => Term): Law<never> => ({
  square: () => ({ symbols: '1', value: 1, isCentred: true, mean: null }),
  gradient: (_node, _context, stream) => stream && inverse(stream),
})
