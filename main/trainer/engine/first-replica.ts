import type { TrainedArray, TrainedBlock, TrainedWeights } from '../../../shared/network/trained-weights'
import type { BatchStatistics } from '../../../shared/block/interpreter'
import type { SeriesEvaluation } from './series-evaluation'
import type { Tensor, TfModule } from './tensor'
import type { Layer, TrainableParameters } from './trainable-parameters'

/** The first replica's parameters on the host, noise at its mean, and its statistics over the training samples. */
export function firstReplica(parameters: TrainableParameters, evaluation: SeriesEvaluation): TrainedWeights {
  const { tf } = parameters.backend
  tf.engine().startScope('trained')
  const layerOf = (layer: Layer) => firstOfLayer(parameters, layer, evaluation.statisticsOf(layer))
  try {
    const [weight, bias] = parameters.output.map(({ variable }) => firstOf(tf, variable))
    return {
      stem: layerOf(parameters.stem),
      blocks: parameters.blocks.map(layerOf),
      head: parameters.head ? layerOf(parameters.head) : [],
      output: { weight, bias },
    }
  } finally {
    tf.engine().endScope()
  }
}

function firstOfLayer(
  parameters: TrainableParameters,
  layer: Layer,
  statistics: BatchStatistics<Tensor> = new Map(),
): TrainedBlock {
  const { tf } = parameters.backend
  const byNode = new Map<string, TrainedArray[]>()
  parameters.expected(layer).forEach((tensor, i) => {
    const { node } = layer.sources[i].place
    byNode.set(node, [...(byNode.get(node) ?? []), firstOf(tf, tensor)])
  })
  return [...new Set([...byNode.keys(), ...statistics.keys()])].map((node) => {
    const own = statistics.get(node)?.map((tensor) => firstOf(tf, tensor))
    return { node, parameters: byNode.get(node) ?? [], ...(own ? { statistics: own } : {}) }
  })
}

/** [R or 1, rows, columns] → [rows, columns]. */
function firstOf(tf: TfModule, tensor: Tensor): TrainedArray {
  const [, rows, columns] = tensor.shape as [number, number, number]
  const values = tf.slice(tensor, [0, 0, 0], [1, rows, columns]).dataSync()
  return { shape: [rows, columns], values: [...values] }
}
