import type { SeriesGraph } from '../network/series'
import type { Estimate } from './samples'

/**
 * `all`: every term; `length`: exact sums by length, for any depth; `sample`: random paths of each length, for any
 * depth; `none`: counts and theory, nothing measured.
 */
export type TermListing = 'all' | 'length' | 'sample' | 'none'

export const TERM_LISTINGS: readonly TermListing[] = ['all', 'length', 'sample', 'none']

/** Over replicas: mean, 5th and 95th percentile. */
export interface Spread {
  mean: number
  low: number
  high: number
}

export interface PathLength {
  /** Number of branches on the path. */
  length: number
  /** Exact number of terms, in decimals. */
  count: string
  /** Frobenius norm of the sum of these terms. */
  norm: Spread
  /** Root mean square of the single terms' Frobenius norms. */
  termNorm: Spread
  /** Their share of the sum of all squared terms. */
  share: Spread
}

/** What random paths of one length say: means with standard errors of drawing paths, the networks being given. */
export interface SampledLength {
  length: number
  count: string
  /** Squared Frobenius norm of a single term. */
  energy: Estimate
  /** Share of the sum of all squared terms. */
  share: Estimate
}

export interface PathTerm {
  /** Blocks whose branch the term goes through, from 1. */
  blocks: number[]
  length: number
  norm: Spread
}

export interface FirstDerivative {
  formula: string
  layout: string
  terms: (PathTerm & { text: string; latex: string })[]
  relativeError: Spread
}

export interface PathTheory {
  /** f_k of blocks 1..L. */
  branchFactors: number[]
  /** Poisson-binomial shares of gradient energy by length 0..L. */
  energyShare: number[]
  mean: number
  deviation: number
}

export interface MeasuredPaths {
  /** Frobenius norm of dy/dx by automatic differentiation. */
  norm: Spread
  /** Sum of the squared terms over the squared sum. */
  squaresRatio: Spread
  /** ‖sum of terms - automatic differentiation‖/‖automatic differentiation‖; null where terms are only sampled. */
  relativeError: Spread | null
  /**
   * ‖h_L - sum of all paths' own outputs‖/‖h_L‖ (`outputDifference` of outputs.ts); null where paths are too many, and
   * absent in runs of versions that did not measure it.
   */
  outputDifference?: Spread | null
  /** Why it is null, without a full stop. */
  outputDifferenceNote?: string | null
  /** Null where terms are only sampled. */
  lengths: PathLength[] | null
  /** Where terms are sampled: with that many random paths of each length in each network. */
  sampled: { paths: number; lengths: SampledLength[] } | null
  /** By number: bit i says whether block i + 1's branch is taken; null where terms are not listed. */
  terms: PathTerm[] | null
  /** For 2 to 6 blocks. */
  firstDerivative: FirstDerivative | null
}

export type PathSeries = Omit<SeriesGraph, 'graph' | 'blockTitle'> & {
  theory: PathTheory | null
  theoryNote: string | null
  measured: MeasuredPaths | null
}

export interface PathCountSummary {
  paths: string
  /** How many of them go through the branch of any one block. */
  throughOneBlock: string
  byLength: string[]
  mean: number
  deviation: number
}
