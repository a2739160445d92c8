import { STREAM, type Stream } from '../numerics/random-streams'
import { varianceFactor } from '../graph/initialisation'
import type { BlockGraph } from '../graph/block-graph'
import type { Experiment } from '../settings/experiment'
import { operationOf, shapesOf } from '../operations'
import type { BlockIndex, ParameterShape } from '../graph/parameter-shape'
import { Random } from '../numerics/random'
import { placeOf, type BlockPlace } from '../numerics/shape'

/** Layers around the blocks are He's whatever the blocks' initialisation: comparisons compare blocks. */
export const outerInitialisation = ({ seed }: Pick<Experiment, 'seed'>) =>
  ({ init: 'he', gain: 1, seed }) as const

/** A parameter with the node that it belongs to. */
export interface ParameterPlace extends ParameterShape {
  node: string
  /**
   * Counts the nodes of this operation within the block, so that e.g. the first linear layer of every ordering starts
   * from the same weights.
   */
  ordinal: number
}

/**
 * The parameters of one block, in the order of its nodes. A number as `place` is the width of a network without
 * positions.
 */
export function blockParameters(
  graph: BlockGraph,
  place: BlockPlace | number,
  at: BlockIndex = { block: 1, depth: 1 },
): ParameterPlace[] {
  const shapes = shapesOf(graph, typeof place === 'number' ? placeOf(place) : place)
  const counts = new Map<string, number>()
  return graph.nodes.flatMap((node) => {
    const ordinal = counts.get(node.op) ?? 0
    counts.set(node.op, ordinal + 1)
    const [input, output] = [shapes.get(node.inputs[0])!, shapes.get(node.id)!]
    const own = operationOf(node).parameters(node, input, output, at)
    return own.map((shape) => ({ ...shape, node: node.id, ordinal }))
  })
}

/** Whether a parameter starts from one number everywhere, the same in every network. */
export const startsConstant = ({ role, factor = 1 }: ParameterShape, { init }: Pick<Experiment, 'init'>) =>
  role === 'gain' ||
  role === 'shift' ||
  role === 'constant' ||
  (role === 'bias' && init !== 'pytorch') ||
  factor === 0

/**
 * One parameter of `replicas` networks, [replica, …shape], row-major; every replica from its own stream. Noise is not
 * drawn here.
 * @param block counts from 1; 0 is the stem
 * @param first the first of the replicas drawn
 */
export function drawParameter<A extends Float32Array | Float64Array>(
  target: A,
  place: ParameterPlace,
  block: number,
  experiment: Pick<Experiment, 'init' | 'gain' | 'seed'>,
  replicas: number,
  stream: Stream = STREAM[place.role === 'weight' ? 'weight' : 'bias'],
  first = 0,
): A {
  const [rows, columns] = place.shape
  const size = rows * columns
  const { role, initial = 0, factor = 1 } = place
  if (startsConstant(place, experiment)) {
    const learned = role === 'gain' || role === 'shift' || role === 'constant'
    return target.fill(learned ? initial : 0) as A
  }
  for (let replica = 0; replica < replicas; replica++) {
    const random = new Random(experiment.seed, stream, first + replica, block, place.ordinal)
    const [from, to] = [replica * size, (replica + 1) * size]
    if (experiment.init === 'pytorch') {
      random.fillUniform(target, (factor * experiment.gain) / Math.sqrt(place.fanIn), from, to)
    } else {
      const variance = varianceFactor(experiment, place.fanIn, place.fanOut ?? columns) / place.fanIn
      random.fillNormal(target, factor * Math.sqrt(variance), from, to)
    }
  }
  return target
}

/** Which draw of a block's noise: paired between series, like the weights. */
export interface NoiseIndex {
  seed: number
  /** Counts from 1. */
  block: number
  /** A training step; 0 in measurements. */
  pass: number
  /** Samples of the batch. */
  samples: number
}

/** [rows, columns] of one replica's noise. */
export function noiseShape(place: ParameterShape, samples: number): [number, number] {
  const [rows, columns] = place.shape
  return [place.noise!.perSample ? rows * samples : rows, columns]
}

/**
 * Noise of `replicas` networks for one pass, [replica, …noiseShape], row-major.
 * @param first the first of the replicas
 */
export function drawNoise<A extends Float32Array | Float64Array>(
  target: A,
  place: ParameterPlace,
  { seed, block, pass, samples }: NoiseIndex,
  replicas: number,
  first = 0,
): A {
  const [rows, columns] = noiseShape(place, samples)
  const size = rows * columns
  const { keep, scale } = place.noise!
  for (let replica = 0; replica < replicas; replica++) {
    // The columns keep unlike operations apart: a mask on units and one on the whole branch.
    const random = new Random(seed, STREAM.noise, first + replica, block, place.ordinal, pass, columns)
    for (let i = replica * size; i < (replica + 1) * size; i++) {
      target[i] = random.uniform() < keep ? 1 / scale : 0
    }
  }
  return target
}

/** The mean of a place's noise: what networks are evaluated with. */
export const expectedNoise = ({ noise }: ParameterShape) => noise!.keep / noise!.scale
