import type { TrainedArray, TrainedBlock, TrainedWeights } from '../../../shared/network/trained-weights'
import type { BatchStatistics } from '../../../shared/block/interpreter'
import type { SeriesEvaluation } from './series-evaluation'
import type { Tensor, TfModule } from './tensor'
import { takeValues } from './tensor-values'
import type { Layer, TrainableParameters } from './trainable-parameters'

/** The first replica's parameters on the host, noise at its mean, and its statistics over the training samples. */
export async function firstReplica(
  parameters: TrainableParameters,
  evaluation: SeriesEvaluation,
): Promise<TrainedWeights> {
  const { tf } = parameters.backend
  const layerOf = (layer: Layer) => firstOfLayer(parameters, layer, evaluation.statisticsOf(layer))
  const stem = await layerOf(parameters.stem)
  const blocks: TrainedBlock[] = []
  for (const block of parameters.blocks) blocks.push(await layerOf(block))
  const head = parameters.head ? await layerOf(parameters.head) : []
  const [weight, bias] = await valuesOf(
    parameters.output.map(({ variable }) => firstOf(tf, variable as Tensor)),
  )
  return { stem, blocks, head, output: { weight, bias } }
}

async function firstOfLayer(
  parameters: TrainableParameters,
  layer: Layer,
  statistics: BatchStatistics<Tensor> = new Map(),
): Promise<TrainedBlock> {
  const { tf } = parameters.backend
  const firsts = tf.tidy(() => parameters.expected(layer).map((tensor) => firstOf(tf, tensor)))
  const byNode = new Map<string, TrainedArray[]>()
  ;(await valuesOf(firsts)).forEach((array, i) => {
    const { node } = layer.sources[i].place
    byNode.set(node, [...(byNode.get(node) ?? []), array])
  })
  const nodes = [...new Set([...byNode.keys(), ...statistics.keys()])]
  return Promise.all(
    nodes.map(async (node) => {
      const own = statistics.get(node)?.map((tensor) => firstOf(tf, tensor))
      return {
        node,
        parameters: byNode.get(node) ?? [],
        ...(own ? { statistics: await valuesOf(own) } : {}),
      }
    }),
  )
}

/** [R or 1, rows, columns] → [1, rows, columns]. */
const firstOf = (tf: TfModule, tensor: Tensor): Tensor => tf.slice(tensor, [0, 0, 0], [1, -1, -1])

/** [1, rows, columns] each, which are disposed → [rows, columns]. */
const valuesOf = (tensors: readonly Tensor[]): Promise<TrainedArray[]> =>
  Promise.all(
    tensors.map(async (tensor) => {
      const [, rows, columns] = tensor.shape as [number, number, number]
      return { shape: [rows, columns], values: [...(await takeValues(tensor))] }
    }),
  )
