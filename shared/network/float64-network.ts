import { InputError } from '../base/errors'
import { usesData } from '../data/batch'
import type { Experiment } from '../settings/experiment'
import { array3, float64, type Array3 } from '../numerics/float64'
import type { BlockGraph } from '../graph/block-graph'
import { STREAM } from '../numerics/random-streams'
import {
  blockParameters,
  drawNoise,
  drawParameter,
  noiseShape,
  outerInitialisation,
  type ParameterPlace,
} from './parameters'
import {
  forwardBlock,
  type BatchStatistics,
  type BlockParameters,
  type BlockTrace,
} from '../block/interpreter'
import { inputShape, planNetwork, stemOf, type PlannedBlock } from './plan'
import { Random } from '../numerics/random'
import { positions } from '../numerics/shape'

/** One network at initialisation in float64: the same one that the trainer measures in float32. */
export interface Network64 {
  /** The graph of every block, remedy applied. */
  graph: BlockGraph
  /** Parameters of blocks 1..L. */
  blocks: BlockParameters<Array3>[]
  /** h_0, [1, batch, width]. */
  input: Array3
  /** Of blocks 1..L, where they are not those of the batch that goes in. */
  statistics?: (BatchStatistics<Array3> | undefined)[]
}

/** A network of any plan at initialisation in float64; its h_0 is [1, batch × positions, N]. */
export interface PlannedNetwork64 extends Omit<Network64, 'graph' | 'statistics'> {
  plan: PlannedBlock[]
}

/**
 * A network that repeats one block, without positions.
 * @param replica counts from 0
 * @param data the data set's batch, [batch, values], where the input is not noise
 * @throws InputError for other networks
 */
export function drawNetwork(
  graph: BlockGraph,
  experiment: Experiment,
  replica: number,
  data: ArrayLike<number> | null = null,
): Network64 {
  const plan = planNetwork({ graph, remedy: 'none' }, experiment)
  const hasStages = experiment.network?.stages.some(({ block }) => block !== undefined)
  if (hasStages || plan.some((block) => block !== plan[0]) || positions(plan[0].place.input) > 1) {
    throw new InputError(
      'network',
      'only networks that repeat one block of one width, without positions, can be looked at so: each block’s ' +
        'derivative is a whole matrix, which with positions has the square of positions × channels entries',
      'Take stages and convolutions out (images then go in as vectors), or use a preset such as "mlp-lab".',
    )
  }
  const { blocks, input } = drawPlan(plan, experiment, replica, data)
  return { graph, blocks, input }
}

/**
 * A network of any plan at initialisation, with the random numbers that the trainer draws for it.
 * @param replica counts from 0
 * @param data the data set's batch, [batch, values], where the input is not noise
 */
export function drawPlan(
  plan: PlannedBlock[],
  experiment: Experiment,
  replica: number,
  data: ArrayLike<number> | null = null,
): PlannedNetwork64 {
  const { seed, batch } = experiment
  const depth = plan.length
  const draw = (place: ParameterPlace, block: number): Array3 => {
    if (place.role === 'noise') {
      const noise = array3([1, ...noiseShape(place, batch)])
      drawNoise(noise.values, place, { seed, block, pass: 0, samples: batch }, 1, replica)
      return noise
    }
    const one = array3([1, ...place.shape])
    drawParameter(one.values, place, block, experiment, 1, undefined, replica)
    return one
  }
  return {
    plan,
    input: firstStream(experiment, replica, data),
    blocks: plan.map(({ graph, place }, k) =>
      byNode(blockParameters(graph, place, { block: k + 1, depth }), (one) => draw(one, k + 1)),
    ),
  }
}

function byNode(places: ParameterPlace[], draw: (place: ParameterPlace) => Array3): Map<string, Array3[]> {
  const own = new Map<string, Array3[]>()
  for (const place of places) own.set(place.node, [...(own.get(place.node) ?? []), draw(place)])
  return own
}

/** What goes into a network, before its stem, [1, batch × positions, units]: the trainer's noise, or samples. */
function inputBatch(experiment: Experiment, replica: number, data: ArrayLike<number> | null): Array3 {
  const { batch, seed } = experiment
  const shape = inputShape(experiment)
  const isData = usesData(experiment)
  if (isData && !data) throw new Error('A data set is the input, but no samples were given')
  const x = array3([1, batch * positions(shape), shape.units], isData ? data! : undefined)
  if (!isData) new Random(seed, STREAM.input, replica).fillNormal(x.values, 1)
  return x
}

/**
 * The stem of a network at initialisation, and what it makes of the measured batch; null: it has none.
 * @param replica counts from 0
 * @param data the data set's batch, [batch, values], where the input is not noise
 */
export function drawStem(experiment: Experiment, replica: number, data: ArrayLike<number> | null = null) {
  const stem = stemOf(experiment)
  if (!stem) return null
  const parameters = byNode(blockParameters(stem.graph, stem.place), (place) => {
    const one = array3([1, ...place.shape])
    drawParameter(one.values, place, 0, outerInitialisation(experiment), 1, STREAM.stem, replica)
    return one
  })
  const x = inputBatch(experiment, replica, data)
  return { parameters, trace: forwardBlock(float64, stem.graph, parameters, x, undefined, stem.shapes) }
}

function firstStream(experiment: Experiment, replica: number, data: ArrayLike<number> | null): Array3 {
  return drawStem(experiment, replica, data)?.trace.output ?? inputBatch(experiment, replica, data)
}

/** The whole batch through all blocks. */
export function forwardNetwork({ graph, blocks, input, statistics }: Network64): BlockTrace<Array3>[] {
  return throughBlocks(blocks, input, (own, h, k) => forwardBlock(float64, graph, own, h, statistics?.[k]))
}

/** The whole batch of any network through all blocks, each with the shapes of its plan. */
export function forwardPlan({ plan, blocks, input }: PlannedNetwork64): BlockTrace<Array3>[] {
  return throughBlocks(blocks, input, (own, h, k) =>
    forwardBlock(float64, plan[k].graph, own, h, undefined, plan[k].shapes),
  )
}

function throughBlocks(
  blocks: BlockParameters<Array3>[],
  input: Array3,
  pass: (own: BlockParameters<Array3>, h: Array3, k: number) => BlockTrace<Array3>,
): BlockTrace<Array3>[] {
  const traces: BlockTrace<Array3>[] = []
  blocks.forEach((own, k) => traces.push(pass(own, traces.length ? traces[k - 1].output : input, k)))
  return traces
}
