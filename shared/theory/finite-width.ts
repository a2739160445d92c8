import { backwardBlock, forwardBlock, type BlockParameters, type BlockTrace } from '../block/interpreter'
import { dataBatch, isVectorData } from '../data/batch'
import type { WeightFields } from '../graph/block-graph'
import { biasVariance, varianceFactor, type Initialisation } from '../graph/initialisation'
import { NoTheory, meanOf } from '../moments/moments'
import { squareMean } from '../moments/trajectories'
import { blockParameters, noiseShape, outerInitialisation, type ParameterPlace } from '../network/parameters'
import { inputShape, stemOf, type PlannedBlock } from '../network/plan'
import { array3, float64, type Array3 } from '../numerics/float64'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import { positions } from '../numerics/shape'
import { operationOf } from '../operations'
import { effectiveWeight } from '../operations/weights'
import type { Experiment } from '../settings/experiment'
import { ImpliedWeight, drawnWork, impliedMath, layerWork } from './implied-weights'
import {
  logNormal,
  logSpread,
  scatterOfMean,
  signed,
  signedSpread,
  type LogSpread,
  type SignedSpread,
} from './spreads'

/** q, v, m and p of single networks. */
export interface FiniteWidth {
  /** How many networks were drawn. */
  networks: number
  q: LogSpread
  v: LogSpread
  m: SignedSpread
  p: LogSpread
}

/** Of a batch, so many samples are followed, as time allows; where a norm looks at the batch, all. */
const SAMPLES = [8, 4, 3]
const ENOUGH_NETWORKS = 48
/** Where 48 leave a doubt: errors are half of theirs. */
const MOST_NETWORKS = 192
const FEWEST_NETWORKS = 8
/** Nanoseconds for a value on an edge, both ways, and for one multiplication in a layer. */
const [PER_VALUE, PER_MULTIPLICATION] = [100, 2.5]
/** What it takes to standardise a weight, in multiplications. */
const STANDARDISE = 12
const TOO_LARGE = 'these networks are too large to be drawn beside the limit'
/** Bytes that one network's edges may take. */
const MEMORY = 2 ** 28

/** Of the relative variance of the few samples' mean: beyond it one sample is most of the mean, and more show more. */
const MOST_SCATTER = 0.5

/** Few samples do not stand for the batch, and for all of it there is no time. */
export class FewSamples extends NoTheory {
  override readonly name = 'FewSamples'
}

interface Drawing {
  /** What drawing may take, about. */
  seconds: number
  /** Called before each network is drawn; may throw. */
  beforeEach?: () => void
  /** Whether the law of 48 is; else up to 192 are drawn, as time allows. */
  isEnough?: (found: FiniteWidth) => boolean
  /** Whether all of the batch goes through; left out: as `needsBatch`, and where few samples do not stand for it. */
  isWhole?: boolean
}

/**
 * q, v, m and p of networks of the experiment's width. Layers are not drawn: given what goes in, their products have a
 * known law (implied-weights.ts), and all else is what networks do. A batch's mean is taken from few samples where
 * these do not meet before: what is left of the scatter between samples goes by their number.
 * @throws NoTheory where there is none of these networks, or in this time
 */
export function finiteWidth(
  plan: readonly PlannedBlock[],
  experiment: Experiment,
  { isWhole = needsBatch(plan, experiment), ...drawing }: Drawing,
): FiniteWidth {
  refuse(plan)
  const { batch } = experiment
  const few = SAMPLES.map((some) => Math.min(some, batch))
  const found = drawLaw(plan, experiment, isWhole ? [batch] : few, drawing)
  if (found) return found
  try {
    return drawLaw(plan, experiment, [batch], drawing)!
  } catch (error) {
    throw error instanceof NoTheory ? new FewSamples(error.message) : error
  }
}

/** Whether samples of networks, all of the batch or few, stand for it. */
const standForBatch = (drawn: Passed[][], batch: number) =>
  drawn[0][0].q.length === batch ||
  drawn[0].every((_, k) =>
    (['q', 'p'] as const).every(
      (quantity) => !(scatterOfMean(drawn.map((network) => network[k][quantity])) > MOST_SCATTER),
    ),
  )

/**
 * The law of networks that are drawn; null: the samples that went through do not stand for the batch.
 * @param choices of how many samples go through, the most wanted first
 * @throws NoTheory where there is no time
 */
function drawLaw(
  plan: readonly PlannedBlock[],
  experiment: Experiment,
  choices: readonly number[],
  { seconds, beforeEach = () => {}, isEnough = () => true }: Drawing,
): FiniteWidth | null {
  const { samples, networks } = sizeWithin(plan, choices, seconds)
  const places = plan.map(({ graph, place }, k) =>
    blockParameters(graph, place, { block: k + 1, depth: plan.length }).map((own): DrawnPlace => {
      const { standardised = 0 } = graph.nodes.find(({ id }) => id === own.node)! as WeightFields
      return { ...own, standardised }
    }),
  )
  const used = withUsedWeights(plan)
  const drawn: Passed[][] = []
  const drawTo = (count: number) => {
    while (drawn.length < count) {
      beforeEach()
      const random = new Random(experiment.seed, STREAM.finiteWidth, drawn.length)
      drawn.push(passNetwork(used, places, experiment, samples, random))
    }
  }
  const { batch } = experiment
  drawTo(Math.min(ENOUGH_NETWORKS, networks))
  // First: more networks of such samples would be drawn in vain.
  if (!standForBatch(drawn, batch)) return null
  const found = lawOf(drawn, batch)
  if (drawn.length === networks || isEnough(found)) return found
  drawTo(networks)
  return lawOf(drawn, batch)
}

function lawOf(drawn: Passed[][], batch: number): FiniteWidth {
  const laws = <T>(quantity: keyof Passed, law: (values: Float64Array[], batch: number) => T) =>
    drawn[0].map((_, k) =>
      law(
        drawn.map((network) => network[k][quantity]),
        batch,
      ),
    )
  return {
    networks: drawn.length,
    q: logSpread(laws('q', logNormal)),
    v: logSpread(laws('v', (values, batch) => logNormal(values, batch, 1))),
    m: signedSpread(laws('m', signed)),
    p: logSpread(laws('p', logNormal)),
  }
}

/**
 * Whether no few samples stand for the batch: what one shows depends on the others, or they are those of a data set,
 * of which none is like another.
 */
export const needsBatch = (plan: readonly PlannedBlock[], experiment: Experiment) =>
  isVectorData(experiment) ||
  plan.some(({ graph }) => graph.nodes.some((node) => operationOf(node).statistics))

function refuse(plan: readonly PlannedBlock[]): void {
  if (plan.some(({ place }) => positions(place.input) > 1))
    throw new NoTheory('convolutions use a weight at many positions')
  for (const { graph } of new Set(plan)) {
    if (graph.nodes.some(({ op }) => op === 'stochastic-depth'))
      throw new NoTheory('networks differ in the blocks that they keep')
  }
}

/** As many samples as leave time for enough networks; else the fewest, and as many networks as there is time for. */
function sizeWithin(plan: readonly PlannedBlock[], choices: readonly number[], seconds: number) {
  const sizes = choices.map((samples) => ({ samples, networks: networksWithin(plan, samples, seconds) }))
  const size = sizes.find(({ networks }) => networks >= ENOUGH_NETWORKS) ?? sizes[sizes.length - 1]
  if (size.networks < FEWEST_NETWORKS) throw new NoTheory(TOO_LARGE)
  return size
}

/** 0 where one is too many. */
function networksWithin(plan: readonly PlannedBlock[], samples: number, seconds: number): number {
  let [values, multiplications] = [0, 0]
  for (const { shapes, graph } of plan) {
    for (const node of graph.nodes) {
      const { units } = shapes.get(node.id)!
      values += samples * units
      if (node.op !== 'linear') continue
      const fanIn = shapes.get(node.inputs[0])!.units
      multiplications += node.standardised
        ? drawnWork(samples, fanIn, units) + STANDARDISE * fanIn * units
        : layerWork(samples, fanIn, units).work
    }
  }
  // What a block does on the way up is kept for the way down.
  if (8 * 3 * values > MEMORY) return 0
  const networks = Math.floor((1e9 * seconds) / (values * PER_VALUE + multiplications * PER_MULTIPLICATION))
  return Math.min(MOST_NETWORKS, networks)
}

/** A parameter, with the factor of its layer's standardised weights; 0: they are used as drawn. */
type DrawnPlace = ParameterPlace & { standardised: number }

/** The same blocks, in which weights come as they are used: standardised once, and not whenever they are met. */
function withUsedWeights(plan: readonly PlannedBlock[]): PlannedBlock[] {
  const used = new Map(
    [...new Set(plan)].map((planned) => {
      const nodes = planned.graph.nodes.map((node) =>
        'standardised' in node ? { ...node, standardised: 0 } : node,
      )
      return [planned, { ...planned, graph: { ...planned.graph, nodes } }]
    }),
  )
  return plan.map((planned) => used.get(planned)!)
}

/** At one place of one network, by sample; means over the samples are the network's. */
type Passed = Record<'q' | 'v' | 'm' | 'p', Float64Array>

/**
 * For k = 0..L, of one network.
 * @param places of the parameters of each block
 */
function passNetwork(
  plan: readonly PlannedBlock[],
  places: readonly DrawnPlace[][],
  experiment: Experiment,
  samples: number,
  random: Random,
): Passed[] {
  let h = isVectorData(experiment)
    ? dataSamples(experiment)
    : normals(samples, inputShape(experiment).units, random)
  const stem = stemOf(experiment)
  if (stem) {
    const own = drawn(
      blockParameters(stem.graph, stem.place).map((place) => ({ ...place, standardised: 0 })),
      outerInitialisation(experiment),
      samples,
      random,
    )
    h = forwardBlock(impliedMath, stem.graph, own, h).output
  }
  const blocks: { own: BlockParameters<Array3>; trace: BlockTrace<Array3> }[] = []
  const found = [passedForward(h, experiment.batch)]
  plan.forEach((planned, k) => {
    const own = drawn(places[k], experiment, samples, random)
    const trace = forwardBlock(impliedMath, planned.graph, own, h, undefined, planned.shapes)
    h = trace.output
    blocks.push({ own, trace })
    found.push(passedForward(h, experiment.batch))
  })
  let gradient = normals(samples, h.shape[2], random)
  const tops = bySample(gradient, squareMean)
  const top = meanOf(tops)
  for (let k = plan.length; k >= 0; k--) {
    const here = bySample(gradient, squareMean)
    const all = meanOf(here) / top
    // A sample with more at the top has more here: what scatters is the ratio.
    found[k].p = here.map((square, s) => square / top - all * (tops[s] / top - 1))
    if (k === 0) break
    const { own, trace } = blocks[k - 1]
    gradient = backwardBlock(impliedMath, plan[k - 1].graph, own, trace, gradient).input
  }
  return found
}

/** p is not known yet. */
function passedForward(h: Array3, batch: number): Passed {
  const samples = h.shape[1]
  const { values: middle } = float64.mean(h, 1)
  // Each sample's part in the variance over the batch, of which those followed show less than their own.
  const more = samples === batch ? 1 : ((samples / (samples - 1)) * (batch - 1)) / batch
  return {
    q: bySample(h, squareMean),
    v: bySample(h, (row) => more * squareDistance(row, middle)),
    m: bySample(h, meanOf),
    p: new Float64Array(samples),
  }
}

/** Mean squared difference. */
function squareDistance(a: Float64Array, b: Float64Array): number {
  let squares = 0
  for (let i = 0; i < a.length; i++) squares += (a[i] - b[i]) ** 2
  return squares / a.length
}

function drawn(
  places: DrawnPlace[],
  init: Initialisation,
  samples: number,
  random: Random,
): BlockParameters<Array3> {
  const own = new Map<string, Array3[]>()
  // What adds 0 is left out.
  for (const place of places.filter((one) => one.role !== 'bias' || biasDeviation(one, init) > 0))
    own.set(place.node, [...(own.get(place.node) ?? []), parameter(place, init, samples, random)])
  return own
}

function parameter(place: DrawnPlace, init: Initialisation, samples: number, random: Random): Array3 {
  const { role, shape, fanIn, fanOut = shape[1], factor = 1, initial = 0, noise, standardised } = place
  if (role === 'weight') {
    const deviation = Math.sqrt((varianceFactor(init, fanIn, fanOut) / fanIn) * factor ** 2)
    if (!standardised) return new ImpliedWeight(shape[1], shape[0], deviation, random)
    // They are not independent, and have no such law.
    const weights = array3([1, ...shape])
    random.fillNormal(weights.values, deviation)
    return effectiveWeight(float64, { standardised }, weights)
  }
  if (noise) {
    const mask = array3([1, ...noiseShape(place, samples)])
    mask.values.forEach((_, i, values) => (values[i] = random.uniform() < noise.keep ? 1 / noise.scale : 0))
    return mask
  }
  const values = array3([1, ...shape])
  if (role === 'bias') random.fillNormal(values.values, biasDeviation(place, init))
  else values.values.fill(initial)
  return values
}

const biasDeviation = ({ fanIn, factor = 1 }: ParameterPlace, init: Initialisation) =>
  factor * Math.sqrt(biasVariance(init, fanIn))

function normals(samples: number, units: number, random: Random): Array3 {
  const values = array3([1, samples, units])
  random.fillNormal(values.values, 1)
  return values
}

/** The data set's batch, [1, B, values]. */
function dataSamples(experiment: Experiment): Array3 {
  const values = Float64Array.from(dataBatch(experiment).x)
  return array3([1, experiment.batch, values.length / experiment.batch], values)
}

const bySample = ({ shape: [, samples, units], values }: Array3, of: (row: Float64Array) => number) =>
  Float64Array.from({ length: samples }, (_, s) => of(values.subarray(s * units, (s + 1) * units)))
