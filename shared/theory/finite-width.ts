import { backwardBlock, forwardBlock, type BlockParameters, type BlockTrace } from '../block/interpreter'
import { usesData } from '../data/batch'
import { biasVariance, varianceFactor, type Initialisation } from '../graph/initialisation'
import { NoTheory, meanOf } from '../moments/moments'
import { squareMean } from '../moments/trajectories'
import { blockParameters, outerInitialisation, type ParameterPlace } from '../network/parameters'
import { inputShape, stemOf, type PlannedBlock } from '../network/plan'
import { array3, type Array3 } from '../numerics/float64'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import { positions } from '../numerics/shape'
import { operationOf } from '../operations'
import type { Experiment } from '../settings/experiment'
import { ImpliedWeight, impliedMath } from './implied-weights'

/** What one network of the given width shows, in place of the limit: over networks, for k = 0..L. */
export interface Spread {
  median: number[]
  /** 5th and 95th percentile, as of what is measured. */
  low: number[]
  high: number[]
  /** Of networks without end: in deep narrow ones, few of them carry it. */
  mean: number[]
  /** Variance of ln q (of ln p). */
  logVariance: number[]
  /** Standard error of the median’s logarithm, for so few networks and samples were drawn. */
  medianError: number[]
}

/** q and p of single networks: log-normal over networks (Hanin and Nica 2020, 1812.05994, of products of matrices). */
export interface FiniteWidth {
  /** How many networks were drawn. */
  networks: number
  q: Spread
  p: Spread
}

/** Of a batch, so many samples are followed, as time allows; where a norm looks at the batch, all. */
const SAMPLES = [4, 2]
const MOST_NETWORKS = 48
const FEWEST_NETWORKS = 12
/** Nanoseconds for a value on an edge, both ways, and for one product in the samples' covariances. */
const [PER_VALUE, PER_PRODUCT] = [100, 20]
const TOO_LARGE = 'these networks are too large to be drawn beside the limit'
/** Bytes that one network's edges may take. */
const MEMORY = 2 ** 28

/**
 * q and p of networks of the experiment's width. Layers are not drawn: given what goes in, their products have a known
 * law (implied-weights.ts), and all else is what networks do. A batch's mean is taken from few samples where these do
 * not meet before: what is left of the scatter between samples goes by their number.
 * @param seconds about which it may take
 * @param beforeEach called before each network is drawn; may throw
 * @throws NoTheory where there is none of these networks, or in this time
 */
export function finiteWidth(
  plan: readonly PlannedBlock[],
  experiment: Experiment,
  seconds: number,
  beforeEach: () => void = () => {},
): FiniteWidth {
  refuse(plan, experiment)
  const looksAtBatch = plan.some(({ graph }) => graph.nodes.some((node) => operationOf(node).statistics))
  const { samples, networks } = sizeWithin(
    plan,
    looksAtBatch ? [experiment.batch] : SAMPLES.map((some) => Math.min(some, experiment.batch)),
    seconds,
  )
  const byDepth = () => Array.from({ length: plan.length + 1 }, (): Float64Array[] => [])
  const [q, p] = [byDepth(), byDepth()]
  for (let network = 0; network < networks; network++) {
    beforeEach()
    const random = new Random(experiment.seed, STREAM.finiteWidth, network)
    const passed = passNetwork(plan, experiment, samples, random)
    passed.forEach((one, k) => {
      q[k].push(one.q)
      p[k].push(one.p)
    })
  }
  const spread = (of: Float64Array[][]) => spreadOf(of.map((values) => logNormal(values, experiment.batch)))
  return { networks, q: spread(q), p: spread(p) }
}

function refuse(plan: readonly PlannedBlock[], experiment: Experiment): void {
  if (usesData(experiment)) throw new NoTheory('the law of finite networks is drawn over noise alone')
  if (plan.some(({ place }) => positions(place.input) > 1))
    throw new NoTheory('convolutions use a weight at many positions')
  for (const { graph } of new Set(plan)) {
    for (const node of graph.nodes) {
      if ('standardised' in node && node.standardised)
        throw new NoTheory('standardised weights are not independent')
      if (operationOf(node).kind === 'noise') throw new NoTheory('networks differ in what they drop')
    }
  }
}

/** As many samples as leave time for all networks; else the fewest, and as many networks as there is time for. */
function sizeWithin(plan: readonly PlannedBlock[], choices: readonly number[], seconds: number) {
  const sizes = choices.map((samples) => ({ samples, networks: networksWithin(plan, samples, seconds) }))
  const size = sizes.find(({ networks }) => networks === MOST_NETWORKS) ?? sizes[sizes.length - 1]
  if (size.networks < FEWEST_NETWORKS) throw new NoTheory(TOO_LARGE)
  return size
}

/** 0 where one is too many. */
function networksWithin(plan: readonly PlannedBlock[], samples: number, seconds: number): number {
  let [values, products] = [0, 0]
  for (const { shapes, graph } of plan) {
    for (const { id, op } of graph.nodes) {
      const { units } = shapes.get(id)!
      values += samples * units
      if (op === 'linear') products += samples ** 2 * units
    }
  }
  // What a block does on the way up is kept for the way down.
  if (8 * 3 * values > MEMORY) return 0
  const networks = Math.floor((1e9 * seconds) / (values * PER_VALUE + products * PER_PRODUCT))
  return Math.min(MOST_NETWORKS, networks)
}

/** Mean squares of h_k and of the gradient there, by sample, for k = 0..L; of one network. */
function passNetwork(
  plan: readonly PlannedBlock[],
  experiment: Experiment,
  samples: number,
  random: Random,
): { q: Float64Array; p: Float64Array }[] {
  const parametersOf = ({ graph, place }: PlannedBlock, init: Initialisation, block: number) =>
    drawn(blockParameters(graph, place, { block, depth: plan.length }), init, random)
  let h = normals(samples, inputShape(experiment).units, random)
  const stem = stemOf(experiment)
  if (stem)
    h = forwardBlock(
      impliedMath,
      stem.graph,
      parametersOf(stem, outerInitialisation(experiment), 0),
      h,
    ).output
  const blocks: { own: BlockParameters<Array3>; trace: BlockTrace<Array3> }[] = []
  const found = [{ q: squares(h), p: new Float64Array(samples) }]
  plan.forEach((planned, k) => {
    const own = parametersOf(planned, experiment, k + 1)
    const trace = forwardBlock(impliedMath, planned.graph, own, h, undefined, planned.shapes)
    h = trace.output
    blocks.push({ own, trace })
    found.push({ q: squares(h), p: new Float64Array(samples) })
  })
  let gradient = normals(samples, h.shape[2], random)
  const top = squareMean(gradient.values)
  for (let k = plan.length; k >= 0; k--) {
    found[k].p = squares(gradient).map((square) => square / top)
    if (k === 0) break
    const { own, trace } = blocks[k - 1]
    gradient = backwardBlock(impliedMath, plan[k - 1].graph, own, trace, gradient).input
  }
  return found
}

function drawn(places: ParameterPlace[], init: Initialisation, random: Random): BlockParameters<Array3> {
  const own = new Map<string, Array3[]>()
  for (const place of places)
    own.set(place.node, [...(own.get(place.node) ?? []), parameter(place, init, random)])
  return own
}

function parameter(place: ParameterPlace, init: Initialisation, random: Random): Array3 {
  const { role, shape, fanIn, fanOut = shape[1], factor = 1, initial = 0 } = place
  if (role === 'weight') {
    const variance = (varianceFactor(init, fanIn, fanOut) / fanIn) * factor ** 2
    return new ImpliedWeight(shape[1], shape[0], Math.sqrt(variance), random)
  }
  const values = array3([1, ...shape])
  if (role === 'bias') random.fillNormal(values.values, factor * Math.sqrt(biasVariance(init, fanIn)))
  else values.values.fill(initial)
  return values
}

function normals(samples: number, units: number, random: Random): Array3 {
  const values = array3([1, samples, units])
  random.fillNormal(values.values, 1)
  return values
}

/** Of each sample's row. */
function squares({ shape: [, samples, units], values }: Array3): Float64Array {
  return Float64Array.from({ length: samples }, (_, s) =>
    squareMean(values.subarray(s * units, (s + 1) * units)),
  )
}

interface LogNormal {
  mean: number
  variance: number
  /** Standard error of `mean`. */
  error: number
}

/**
 * Mean and variance over networks of the logarithm of a batch's mean.
 * @param values of each network, one per sample that was followed
 */
function logNormal(values: Float64Array[], batch: number): LogNormal {
  const samples = values[0].length
  const means = values.map(meanOf)
  const logs = Float64Array.from(means, Math.log)
  const within = Float64Array.from(values, (of, network) =>
    of.reduce((sum, x) => sum + (x / means[network] - 1) ** 2, 0),
  )
  // Variance between samples, relative; a batch's mean has 1/B of it, the mean of those followed 1/S.
  const scatter = samples > 1 ? meanOf(within) / (samples - 1) : 0
  const more = scatter * (1 / samples - 1 / batch)
  const mean = meanOf(logs)
  const variance = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (logs.length - 1)
  return {
    mean: mean + more / 2,
    variance: Math.max(0, variance - more),
    error: Math.sqrt(variance / logs.length),
  }
}

/** 5th to 95th percentile of a normal, in standard deviations. */
export const PERCENTILE_95 = 1.6449

function spreadOf(laws: LogNormal[]): Spread {
  const at = (deviations: number) =>
    laws.map(({ mean, variance }) => Math.exp(mean + deviations * Math.sqrt(variance)))
  return {
    median: at(0),
    low: at(-PERCENTILE_95),
    high: at(PERCENTILE_95),
    mean: laws.map(({ mean, variance }) => Math.exp(mean + variance / 2)),
    logVariance: laws.map(({ variance }) => variance),
    medianError: laws.map(({ error }) => error),
  }
}
