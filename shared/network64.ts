import { STREAM, blockParameters, drawParameter, type ParameterPlace } from './initialisation'
import { MNIST1D_LENGTH, type Experiment } from './experiment'
import { array3, float64, type Array3 } from './float64'
import type { BlockGraph } from './graph'
import { forwardBlock, type BlockParameters, type BlockTrace } from './interpreter'
import { Random } from './random'

/** One network at initialisation in float64: the same one that the trainer measures in float32. */
export interface Network64 {
  graph: BlockGraph
  /** Parameters of blocks 1..L. */
  blocks: BlockParameters<Array3>[]
  /** h_0, [1, batch, width]. */
  input: Array3
}

/**
 * @param replica counts from 0
 * @param data the data set's batch, [batch, 40], where the input is not noise
 */
export function drawNetwork(
  graph: BlockGraph,
  experiment: Experiment,
  replica: number,
  data: ArrayLike<number> | null = null,
): Network64 {
  const { width, blocks } = experiment
  const draw = (place: ParameterPlace, block: number): Array3 => {
    const values = new Float64Array(place.shape[0] * place.shape[1])
    drawParameter(values, place, block, experiment, 1, undefined, replica)
    return { shape: [1, ...place.shape], values }
  }
  return {
    graph,
    input: firstStream(experiment, replica, data),
    blocks: Array.from({ length: blocks }, (_, k) => {
      const own = new Map<string, Array3[]>()
      const places = blockParameters(graph, width, { block: k + 1, depth: blocks })
      for (const place of places) own.set(place.node, [...(own.get(place.node) ?? []), draw(place, k + 1)])
      return own
    }),
  }
}

function firstStream(experiment: Experiment, replica: number, data: ArrayLike<number> | null): Array3 {
  const { batch, width, input, stem, seed } = experiment
  const length = input === 'normal' ? width : MNIST1D_LENGTH
  const x = array3([1, batch, length], input === 'normal' ? undefined : (data ?? undefined))
  if (input === 'normal') new Random(seed, STREAM.input, replica).fillNormal(x.values, 1)
  else if (!data) throw new Error('MNIST-1D is the input, but no samples were given')
  if (stem === 'none') return x
  const shape: [number, number] = [length, width]
  const place: ParameterPlace = { role: 'weight', shape, fanIn: length, node: 'stem', ordinal: 0 }
  const weights = new Float64Array(length * width)
  drawParameter(weights, place, 0, { init: 'he', gain: 1, seed }, 1, STREAM.stem, replica)
  return float64.matMul(x, { shape: [1, ...shape], values: weights })
}

/** The whole batch through all blocks. */
export function forwardNetwork({ graph, blocks, input }: Network64): BlockTrace<Array3>[] {
  const traces: BlockTrace<Array3>[] = []
  for (const own of blocks) {
    traces.push(forwardBlock(float64, graph, own, traces.length ? traces.at(-1)!.output : input))
  }
  return traces
}
