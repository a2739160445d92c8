import { relativeError, squared } from '../numerics/matrix'
import type { Network64 } from '../network/float64-network'
import { pathCounts } from './counts'
import { FEWEST_FORMULA_BLOCKS, MOST_FORMULA_BLOCKS } from '../settings/paths'
import { LAYOUT, blocksOfMask, formulaLatex, formulaTerms } from './formula'
import { derivativeOfFirst, networkJacobians, type NetworkJacobians } from './jacobians'
import { outputDifference, outputsNote } from './outputs'
import { passOfSample } from './sample-pass'
import { meanEstimate, sampleLength, samplesPerLength, shareEstimates, type Estimate } from './samples'
import { expandFromFirst, expandNetwork, type LengthGroup } from './terms'
import type { MeasuredPaths, Spread, TermListing } from './results'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import { summarisePoint } from '../numerics/statistics'

/** What one network says of its paths. Plain values: they travel between threads. */
export interface NetworkPaths {
  /** Without a skip there is one path only, through every branch. */
  residual: boolean
  /** Frobenius norm of dy/dx by automatic differentiation. */
  norm: number
  /** How far the sum of all paths' outputs is from the output, over its norm; null where they are too many. */
  outputs: number | null
  /** All terms, or all by length; null where they are sampled. */
  expansion: { groups: LengthGroup[]; norms: Float64Array | null; relativeError: number } | null
  /** Mean squared Frobenius norm of the terms of each length that there is. */
  sampled: { paths: number; energies: Estimate[] } | null
  first: { norms: Float64Array; relativeError: number } | null
}

/**
 * @param network at initialisation, or with any other parameters
 * @param replica which of `replicas` networks it is: they share the work of a sample
 * @param sample of the batch: where derivatives are taken
 */
export function measureNetwork(
  network: Network64,
  listing: Exclude<TermListing, 'none'>,
  {
    seed,
    replica,
    replicas,
    sample = 0,
  }: { seed: number; replica: number; replicas: number; sample?: number },
): NetworkPaths {
  const pass = passOfSample(network, sample)
  const jacobians = networkJacobians(network, sample, pass)
  const { blocks, total } = jacobians
  const residual = blocks[0].skip !== null
  const outputs = outputsNote(blocks.length) === null ? outputDifference(network, sample, pass) : null
  const head = { residual, norm: Math.sqrt(squared(total)), outputs, first: firstOf(jacobians) }
  if (listing === 'sample') {
    const paths = samplesPerLength(blocks.length, total.n, replicas)
    const random = new Random(seed, STREAM.pathSamples, replica)
    const energies = lengthsOf(blocks.length, residual).map((l) => sampleLength(blocks, l, paths, random))
    return { ...head, expansion: null, sampled: { paths, energies } }
  }
  const { groups, norms, total: sum } = expandNetwork(blocks, listing === 'all')
  const expansion = { groups, norms, relativeError: relativeError(sum, total) }
  return { ...head, expansion, sampled: null }
}

function firstOf(jacobians: NetworkJacobians): NetworkPaths['first'] {
  const { length } = jacobians.blocks
  if (length < FEWEST_FORMULA_BLOCKS || length > MOST_FORMULA_BLOCKS) return null
  const { norms, total } = expandFromFirst(jacobians.blocks)
  return { norms: norms!, relativeError: relativeError(total, derivativeOfFirst(jacobians)) }
}

/** A plain network has one path, through every branch. */
const lengthsOf = (depth: number, residual: boolean) =>
  residual ? Array.from({ length: depth + 1 }, (_, length) => length) : [depth]

/** Over replicas of one series, all measured with the same listing. */
export function summarisePaths(networks: readonly NetworkPaths[], depth: number): MeasuredPaths {
  const over = <T>(items: readonly T[], value: (item: T) => number) => spread(items.map(value))
  const { residual, first } = networks[0]
  const all = pathCounts(depth)
  const lengths = lengthsOf(depth, residual).map((length) => ({
    length,
    count: residual ? all[length] : 1n,
  }))
  const exists = (through: number[], factors: number) => residual || through.length === factors
  const firstDerivative = first && {
    formula: formulaOf(depth, residual),
    layout: LAYOUT,
    terms: formulaTerms(depth)
      .map((term, mask) => ({ ...term, norm: over(networks, (one) => one.first!.norms[mask]) }))
      .filter(({ blocks }) => exists(blocks, depth - 1)),
    relativeError: over(networks, (one) => one.first!.relativeError),
  }
  const norm = over(networks, (one) => one.norm)
  const difference = networks[0].outputs === null ? null : over(networks, (one) => one.outputs!)
  const outputs = { outputDifference: difference, outputDifferenceNote: outputsNote(depth) }

  if (networks[0].sampled) {
    const logCounts = lengths.map(({ count }) => logOf(count))
    const shares = networks.map(({ sampled }) => shareEstimates(sampled!.energies, logCounts))
    const squares = ({ sampled }: NetworkPaths) =>
      sampled!.energies.reduce((sum, { mean }, i) => sum + Number(lengths[i].count) * mean, 0)
    const sampled = {
      paths: networks[0].sampled.paths,
      lengths: lengths.map(({ length, count }, i) => ({
        length,
        count: String(count),
        energy: meanEstimate(networks.map((one) => one.sampled!.energies[i])),
        share: meanEstimate(shares.map((share) => share[i])),
      })),
    }
    const squaresRatio = over(networks, (one) => squares(one) / one.norm ** 2)
    return {
      norm,
      squaresRatio,
      relativeError: null,
      ...outputs,
      lengths: null,
      sampled,
      terms: null,
      firstDerivative,
    }
  }

  const expanded = networks.map((one) => ({ ...one.expansion!, squared: one.norm ** 2 }))
  const squares = ({ groups }: (typeof expanded)[number]) => groups.reduce((sum, g) => sum + g.squares, 0)
  const { norms } = expanded[0]
  const terms =
    norms &&
    Array.from(norms, (_, mask) => {
      const blocks = blocksOfMask(mask)
      return { blocks, length: blocks.length, norm: over(expanded, (one) => one.norms![mask]) }
    }).filter(({ blocks }) => exists(blocks, depth))
  return {
    norm,
    squaresRatio: over(expanded, (one) => squares(one) / one.squared),
    relativeError: over(expanded, (one) => one.relativeError),
    ...outputs,
    lengths: lengths.map(({ length, count }) => ({
      length,
      count: String(count),
      norm: over(expanded, ({ groups }) => Math.sqrt(groups[length].sumSquared)),
      termNorm: over(expanded, ({ groups }) => Math.sqrt(groups[length].squares / Number(count))),
      share: over(expanded, (one) => one.groups[length].squares / squares(one)),
    })),
    sampled: null,
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

/** Natural logarithm of a count of any size. */
function logOf(count: bigint): number {
  const surplus = Math.max(0, count.toString(2).length - 1000)
  return Math.log(Number(count >> BigInt(surplus))) + surplus * Math.LN2
}
