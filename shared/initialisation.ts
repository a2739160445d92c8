import type { BlockGraph } from './graph'
import type { Experiment } from './experiment'
import { operationOf, widths } from './operations'
import type { ParameterShape } from './operations/operation'
import { Random } from './random'

export type Initialisation = Pick<Experiment, 'init' | 'gain'>

/** Weight variance × fan-in, the gain included: `s` of docs/formulas.md. */
export function varianceFactor({ init, gain }: Initialisation, fanIn: number, fanOut: number): number {
  const factor = { he: 2, lecun: 1, glorot: (2 * fanIn) / (fanIn + fanOut), pytorch: 1 / 3 }[init]
  return factor * gain * gain
}

/** Biases are zero, except for PyTorch's default: uniform on ±1/√fan-in. */
export function biasVariance({ init, gain }: Initialisation, fanIn: number): number {
  return init === 'pytorch' ? (gain * gain) / (3 * fanIn) : 0
}

/** What a random stream is for; part of its key, so numbers must never change. */
export const STREAM = { weight: 1, bias: 2, input: 3, topGradient: 4, stem: 5, head: 6, batches: 7 } as const

export interface ParameterPlace extends ParameterShape {
  node: string
  /** Counts the linear layers within the block, so that e.g. the first one of every ordering starts from the same weights. */
  ordinal: number
  initial: number
}

/** The parameters of one block of this width, in the order of its nodes. */
export function blockParameters(graph: BlockGraph, width: number): ParameterPlace[] {
  const width_ = widths(graph, width)
  const counts = new Map<string, number>()
  return graph.nodes.flatMap((node) => {
    const ordinal = counts.get(node.op) ?? 0
    counts.set(node.op, ordinal + 1)
    const shapes = operationOf(node).parameters(node, width_.get(node.inputs[0])!, width_.get(node.id)!)
    const initial = node.op === 'gain' ? node.initial : 0
    return shapes.map((shape) => ({ ...shape, node: node.id, ordinal, initial }))
  })
}

/**
 * One parameter of `replicas` networks, [replica, …shape], row-major; every replica from its own stream.
 * @param block counts from 1; 0 is the stem
 * @param first the first of the replicas drawn
 */
export function drawParameter<A extends Float32Array | Float64Array>(
  target: A,
  place: ParameterPlace,
  block: number,
  experiment: Pick<Experiment, 'init' | 'gain' | 'seed'>,
  replicas: number,
  stream: number = STREAM[place.role === 'gain' ? 'bias' : place.role],
  first = 0,
): A {
  const [rows, columns] = place.shape
  const size = rows * columns
  if (place.role === 'gain') return target.fill(place.initial) as A
  for (let replica = 0; replica < replicas; replica++) {
    const random = new Random(experiment.seed, stream, first + replica, block, place.ordinal)
    const [from, to] = [replica * size, (replica + 1) * size]
    if (experiment.init === 'pytorch') {
      random.fillUniform(target, experiment.gain / Math.sqrt(place.fanIn), from, to)
    } else if (place.role === 'weight') {
      random.fillNormal(target, Math.sqrt(varianceFactor(experiment, rows, columns) / rows), from, to)
    }
  }
  return target
}
