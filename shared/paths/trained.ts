import { InputError } from '../base/errors'
import { describedData, type DataChoice } from '../data/data-sets'
import { dataSetOf } from '../data/samples'
import { scaledRange } from '../data/scale'
import { evaluatedSamples } from '../network/schedule'
import { trainingExperiment } from '../experiment/experiment'
import type { Experiment } from '../settings/experiment'
import { array3, float64, type Array3 } from '../numerics/float64'
import type { BlockGraph } from '../graph/block-graph'
import { blockParameters, expectedNoise } from '../network/parameters'
import { forwardBlock, statisticsOf, type BatchStatistics, type BlockParameters } from '../block/interpreter'
import { drawNetwork, forwardNetwork, type Network64 } from '../network/float64-network'
import { measureNetwork, type NetworkPaths } from './measure'
import { checkPaths } from './paths'
import type { TermListing } from './results'
import { operationOf } from '../operations'
import { inputShape, stemOf } from '../network/plan'
import type { TrainedSeries } from '../network/results'
import { seriesGraphs } from '../network/series'
import { networkOf, type TrainedBlock, type TrainedWeights } from '../network/trained-weights'

/** Paths of one trained network, next to those of the same network before its training. */

/** Derivatives are taken at so many of the test samples: one network has no others to average over. */
const MEASURED_SAMPLES = 20

/** As the trainer is asked: the first network alone, since only its weights come. */
export const trainedExperiment = (experiment: Experiment): Experiment =>
  trainingExperiment({ ...experiment, trainReplicas: 1 })

type Asked = Pick<Experiment, 'batch'> & DataChoice

/** Test samples that go through the network together, for its batch statistics. */
export const testBatch = ({ batch, ...choice }: Asked) => Math.min(batch, describedData(choice).test)

/** The first so many of them are those that derivatives are taken at. */
export const measuredSamples = (experiment: Asked) => Math.min(testBatch(experiment), MEASURED_SAMPLES)

/** @throws InputError when so much cannot be measured */
export function checkTrainedPaths(experiment: Experiment, listing: TermListing): void {
  if (listing === 'none') {
    throw new InputError('--train', 'with --terms none nothing is measured', 'Leave one of them out.')
  }
  // Before and after.
  checkPaths({ ...experiment, replicas: 2 * measuredSamples(experiment) }, listing)
}

function firstTestSamples(experiment: Experiment): Float32Array {
  const data = dataSetOf(experiment)
  return scaledRange(data, data.test, 0, testBatch(experiment))
}

/** The network as training finds it, at the test samples. Noise is its mean, as in evaluation. */
export function untrainedNetwork(graph: BlockGraph, experiment: Experiment): Network64 {
  const network = atInitialisation(graph, experiment, firstTestSamples(experiment))
  return { ...network, statistics: initialStatistics(graph, experiment) }
}

/** @param x samples, [B, values] */
function atInitialisation(graph: BlockGraph, experiment: Experiment, x: ArrayLike<number>): Network64 {
  const batch = x.length / inputShape(trainedExperiment(experiment)).units
  const network = drawNetwork(graph, { ...trainedExperiment(experiment), batch }, 0, x)
  const noise = blockNoise(graph, experiment)
  return { ...network, blocks: network.blocks.map((own, k) => new Map([...own, ...noise(k + 1)])) }
}

/** By node: what stands for the noise of block k. */
function blockNoise(graph: BlockGraph, { width, blocks }: Experiment) {
  return (block: number): BlockParameters<Array3> =>
    new Map(
      blockParameters(graph, width, { block, depth: blocks })
        .filter(({ role }) => role === 'noise')
        .map((place) => {
          const mean = array3([1, ...place.shape])
          mean.values.fill(expectedNoise(place))
          return [place.node, [mean]]
        }),
    )
}

/** How many training samples batch statistics are taken over: 0 where there are none to take. */
export function statisticsSamples(graph: BlockGraph, experiment: Experiment): number {
  if (experiment.batchStatistics === 'evaluated') return 0
  if (!graph.nodes.some((node) => operationOf(node).statistics)) return 0
  return evaluatedSamples(trainedExperiment(experiment)).training
}

/**
 * Statistics over all training samples, at initialisation; undefined where networks are evaluated with those of the
 * samples that go in, or take none. It takes some seconds where the network is large, so the last answer is kept.
 */
function initialStatistics(graph: BlockGraph, experiment: Experiment): BatchStatistics<Array3>[] | undefined {
  const training = statisticsSamples(graph, experiment)
  if (training === 0) return undefined
  const { seed, init, gain, width, blocks, data, ownData } = experiment
  const key = JSON.stringify({ graph, seed, init, gain, width, blocks, data, ownData })
  if (remembered?.key !== key) {
    const samples = dataSetOf(experiment)
    const x = scaledRange(samples, samples.training, 0, training)
    const network = atInitialisation(graph, experiment, x)
    const statistics = forwardNetwork(network).map((trace) => statisticsOf(graph, trace))
    remembered = { key, statistics }
  }
  return remembered.statistics
}

let remembered: { key: string; statistics: BatchStatistics<Array3>[] } | null = null

/** The trained network at the same samples, through its trained stem. */
export function trainedNetwork(
  graph: BlockGraph,
  experiment: Experiment,
  weights: TrainedWeights,
): Network64 {
  const { stem, blocks, statistics } = networkOf(weights)
  const batch = testBatch(experiment)
  const layer = stemOf(trainedExperiment(experiment))!
  const x = array3([1, batch, layer.place.input.units], firstTestSamples(experiment))
  const input = forwardBlock(float64, layer.graph, stem, x, statistics.stem, layer.shapes).output
  return { graph, blocks, input, statistics: statistics.blocks }
}

export interface TrainedPathRequest {
  /** The experiment of one series alone; what training does not ask is left aside. */
  experiment: Experiment
  listing: Exclude<TermListing, 'none'>
  /** Null: as it was before training. */
  weights: TrainedWeights | null
}

/** @param sample from 0 */
export function pathsAtSample(
  { experiment, listing, weights }: TrainedPathRequest,
  sample: number,
): NetworkPaths {
  const [{ graph }] = seriesGraphs(experiment)
  const network = weights ? trainedNetwork(graph, experiment, weights) : untrainedNetwork(graph, experiment)
  return measureNetwork(network, listing, {
    seed: experiment.seed,
    replica: sample,
    replicas: measuredSamples(experiment),
    sample,
  })
}

/** Why the trained weights say nothing, and what to do; null when all is well. */
export function divergence(
  { failure, weights }: Pick<TrainedSeries, 'failure' | 'weights'>,
  { learningRate }: Pick<Experiment, 'learningRate'>,
): string | null {
  const isFinite = weights && [...weights.blocks, weights.stem].every(hasFiniteNumbers)
  if (!failure && isFinite) return null
  const where = failure ? ` at step ${failure.step + 1}, in block ${failure.block}` : ''
  return (
    `Training diverged: the weights stopped being finite numbers${where}. Lower the learning rate (it is ` +
    `${learningRate}), or choose a remedy.`
  )
}

const hasFiniteNumbers = (block: TrainedBlock) =>
  block.every(({ parameters }) => parameters.every(({ values }) => values.every(Number.isFinite)))
