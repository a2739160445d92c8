import type { TrainedArray, TrainedBlock, TrainedWeights } from '../../../shared/network/trained-weights'
import type { Tensor, TfModule } from './tensor'
import type { Layer, TrainableParameters } from './trainable-parameters'

/** The first replica's parameters on the host, noise at its mean. */
export function firstReplica(parameters: TrainableParameters): TrainedWeights {
  const { tf } = parameters.backend
  tf.engine().startScope('trained')
  try {
    const [weight, bias] = parameters.output.map(({ variable }) => firstOf(tf, variable))
    return {
      stem: firstOfLayer(parameters, parameters.stem),
      blocks: parameters.blocks.map((layer) => firstOfLayer(parameters, layer)),
      head: parameters.head ? firstOfLayer(parameters, parameters.head) : [],
      output: { weight, bias },
    }
  } finally {
    tf.engine().endScope()
  }
}

function firstOfLayer(parameters: TrainableParameters, layer: Layer): TrainedBlock {
  const byNode = new Map<string, TrainedArray[]>()
  parameters.expected(layer).forEach((tensor, i) => {
    const { node } = layer.sources[i].place
    byNode.set(node, [...(byNode.get(node) ?? []), firstOf(parameters.backend.tf, tensor)])
  })
  return [...byNode].map(([node, arrays]) => ({ node, parameters: arrays }))
}

/** [R or 1, rows, columns] → [rows, columns]. */
function firstOf(tf: TfModule, tensor: Tensor): TrainedArray {
  const [, rows, columns] = tensor.shape as [number, number, number]
  const values = tf.slice(tensor, [0, 0, 0], [1, rows, columns]).dataSync()
  return { shape: [rows, columns], values: [...values] }
}
