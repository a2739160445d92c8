import { InputError } from './errors'
import { MNIST1D_LENGTH, type Experiment } from './experiment'
import { relativeError, squared } from './matrix'
import { NoTheory } from './moments'
import { drawNetwork } from './network64'
import type { SeriesGraph } from './protocol'
import { seriesGraphs } from './series'
import {
  MOST_COUNTED_BLOCKS,
  lengthByCount,
  lengthByEnergy,
  pathCounts,
  poissonBinomial,
} from './path-counts'
import {
  FEWEST_FORMULA_BLOCKS,
  LAYOUT,
  MOST_FORMULA_BLOCKS,
  blocksOfMask,
  formulaLatex,
  formulaTerms,
} from './path-formula'
import { derivativeOfFirst, mainSum, networkJacobians, type NetworkJacobians } from './path-jacobians'
import { MOST_LISTED_BLOCKS, expandFromFirst, expandNetwork, type Expansion } from './path-terms'
import { branchFactors } from './path-theory'
import { summarisePoint } from './statistics'
import { dataInput, normalInput } from './theory'

/** `all`: every term; `length`: sums by length only, for any depth; `none`: counts and theory, nothing measured. */
export type TermListing = 'all' | 'length' | 'none'
export const TERM_LISTINGS: readonly TermListing[] = ['all', 'length', 'none']

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
  /** ‖sum of terms - automatic differentiation‖/‖automatic differentiation‖. */
  relativeError: Spread
  lengths: PathLength[]
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

/** Matrix products beyond this take minutes. */
const MOST_WORK = 1e11

/** @throws InputError when so many terms cannot be listed, with what can be had instead */
export function checkPaths(experiment: Experiment, listing: TermListing): void {
  const { blocks, width, replicas } = experiment
  if (blocks > MOST_COUNTED_BLOCKS) {
    throw new InputError(
      '--blocks',
      `paths are counted for up to ${MOST_COUNTED_BLOCKS} blocks, not ${blocks}`,
      `Give at most ${MOST_COUNTED_BLOCKS}.`,
    )
  }
  if (listing === 'all' && blocks > MOST_LISTED_BLOCKS) {
    throw new InputError(
      '--blocks',
      `${blocks} blocks have 2^${blocks} terms, more than can be listed (${MOST_LISTED_BLOCKS} blocks, ${2 ** MOST_LISTED_BLOCKS} terms)`,
      `Give at most ${MOST_LISTED_BLOCKS}, or group them exactly by length with --terms length (--terms none: counts and theory only).`,
    )
  }
  const products = listing === 'all' ? 2 ** blocks : listing === 'length' ? 3 * blocks ** 2 : 0
  const work = products * width ** 3 * replicas * seriesGraphs(experiment).length
  if (work > MOST_WORK) {
    throw new InputError(
      'size',
      `this takes about ${work.toExponential(0)} multiplications, more than ${MOST_WORK.toExponential(0)}`,
      listing === 'all'
        ? 'Lower the width, the blocks or the replicas, or use --terms length.'
        : 'Lower the width, the blocks or the replicas, or use --terms none.',
    )
  }
}

export function pathCountSummary(blocks: number): PathCountSummary {
  return {
    paths: String(2n ** BigInt(blocks)),
    throughOneBlock: String(2n ** BigInt(blocks - 1)),
    byLength: pathCounts(blocks).map(String),
    ...lengthByCount(blocks),
  }
}

/**
 * The paths of every series at the batch's first sample, statistics over the batch held constant.
 * @param data the data set's batch where the input is not noise, [batch, 40]
 */
export function measurePaths(
  experiment: Experiment,
  listing: TermListing,
  data: ArrayLike<number> | null = null,
): PathSeries[] {
  return seriesGraphs(experiment).map(({ graph, blockTitle: _title, ...header }) => {
    const series = { ...header, ...theoryOfPaths(graph, experiment, data) }
    if (listing === 'none') return { ...series, measured: null }
    const networks = Array.from({ length: experiment.replicas }, (_, replica) => {
      const jacobians = networkJacobians(drawNetwork(graph, experiment, replica, data))
      return measureOne(jacobians, listing === 'all')
    })
    return { ...series, measured: summarise(networks, experiment.blocks, mainSum(graph) !== null) }
  })
}

interface OneNetwork {
  expansion: Expansion
  norm: number
  relativeError: number
  first: { norms: Float64Array; relativeError: number } | null
}

function measureOne(jacobians: NetworkJacobians, listed: boolean): OneNetwork {
  const { blocks, total } = jacobians
  const expansion = expandNetwork(blocks, listed)
  const withFormula = blocks.length >= FEWEST_FORMULA_BLOCKS && blocks.length <= MOST_FORMULA_BLOCKS
  const first = withFormula ? expandFromFirst(blocks) : null
  return {
    expansion,
    norm: Math.sqrt(squared(total)),
    relativeError: relativeError(expansion.total, total),
    first: first && {
      norms: first.norms!,
      relativeError: relativeError(first.total, derivativeOfFirst(jacobians)),
    },
  }
}

/** @param residual a plain network has one path: through every branch */
function summarise(networks: OneNetwork[], depth: number, residual: boolean): MeasuredPaths {
  const over = (value: (network: OneNetwork) => number): Spread => spread(networks.map(value))
  const squares = ({ expansion }: OneNetwork) => expansion.groups.reduce((sum, g) => sum + g.squares, 0)
  const counts = residual ? pathCounts(depth) : pathCounts(depth).map((_, l) => (l === depth ? 1n : 0n))
  const lengths = counts.flatMap((count, length) => {
    if (count === 0n) return []
    const group = (network: OneNetwork) => network.expansion.groups[length]
    return [
      {
        length,
        count: String(count),
        norm: over((network) => Math.sqrt(group(network).sumSquared)),
        termNorm: over((network) => Math.sqrt(group(network).squares / Number(count))),
        share: over((network) => group(network).squares / squares(network)),
      },
    ]
  })
  const exists = (through: number[], factors: number) => residual || through.length === factors
  const terms = networks[0].expansion.norms
    ? Array.from(networks[0].expansion.norms, (_, mask) => {
        const blocks = blocksOfMask(mask)
        return { blocks, length: blocks.length, norm: over(({ expansion }) => expansion.norms![mask]) }
      }).filter(({ blocks }) => exists(blocks, depth))
    : null
  const firstDerivative = networks[0].first && {
    formula: formulaOf(depth, residual),
    layout: LAYOUT,
    terms: formulaTerms(depth)
      .map((term, mask) => ({ ...term, norm: over(({ first }) => first!.norms[mask]) }))
      .filter(({ blocks }) => exists(blocks, depth - 1)),
    relativeError: over(({ first }) => first!.relativeError),
  }
  return {
    norm: over(({ norm }) => norm),
    squaresRatio: over((network) => squares(network) / squared(network.expansion.total)),
    relativeError: over((network) => network.relativeError),
    lengths,
    terms,
    firstDerivative,
  }
}

const formulaOf = (depth: number, residual: boolean) =>
  residual ? formulaLatex(depth) : `\\frac{\\partial y}{\\partial f_1} = ${formulaTerms(depth).at(-1)!.latex}`

function spread(values: number[]): Spread {
  const { mean, low, high } = summarisePoint(values)
  return { mean, low, high }
}

function theoryOfPaths(
  graph: SeriesGraph['graph'],
  experiment: Experiment,
  data: ArrayLike<number> | null,
): Pick<PathSeries, 'theory' | 'theoryNote'> {
  const input =
    experiment.input === 'normal'
      ? normalInput(experiment.stem)
      : {
          ...dataInput(data ?? [], experiment.batch, MNIST1D_LENGTH),
          gaussian: experiment.stem === 'linear',
        }
  try {
    const factors = branchFactors(graph, experiment, input)
    const probabilities = factors.map((f) => f / (1 + f))
    const theory = {
      branchFactors: factors,
      energyShare: poissonBinomial(probabilities),
      ...lengthByEnergy(probabilities),
    }
    return { theory, theoryNote: null }
  } catch (error) {
    if (!(error instanceof NoTheory)) throw error
    return { theory: null, theoryNote: `No theory: ${error.message}.` }
  }
}
