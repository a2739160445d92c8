import { torchArrays } from '../../shared/export/pytorch/state'
import { graphNamesOf, type ExportedNetwork, type NetworkArrays } from '../../shared/export/network'
import { expectedLayers } from '../../shared/import/expected'
import type { Naming } from '../../shared/import/match'
import { kerasNetwork } from '../export/keras/layers'
import { kerasOrder } from '../export/keras/order'
import { WEIGHT_NAMES } from '../export/tensorflow/layers-model'

/** Names of weights of the layers that TensorFlow.js lacks, in Keras's order. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  GroupNormalization: ['gamma', 'beta'],
  Gain: ['gain'],
  Shift: ['shift'],
  Center: ['mean'],
}

/** What exports of a network call its arrays: the lab's own names, these for graphs, PyTorch's, and Keras's two. */
export function exportNamings(network: ExportedNetwork): Naming[] {
  const arrays = expectedLayers(network).flatMap((layer) => layer.arrays)
  const inGraph = graphNamesOf(network)
  const own = arrays.flatMap(({ source }): [string, string][] => [
    [source, source],
    [inGraph(source), source],
    // Of half precision.
    [`${inGraph(source)}.half`, source],
  ])
  const torch = torchArrays(network).map(({ name, source }): [string, string] => [name, source])
  const sizes = new Map(arrays.map((one) => [one.source, one]))
  const zeros: NetworkArrays = (name) => {
    const { rows, columns } = sizes.get(name)!
    return { shape: [rows, columns], values: new Float32Array(rows * columns) }
  }
  const keras = kerasNetwork(network, zeros)
  const weights = kerasOrder(keras).layers.flatMap((layer) =>
    layer.weights.map(({ source }, i) => ({ ...layer, source, i })),
  )
  return [
    new Map(own),
    new Map(torch),
    new Map(weights.map(({ name, source, i }) => [`${name}/vars/${i}`, source])),
    new Map(
      weights.map(({ name, type, source, i }) => [
        `${name}/${(WEIGHT_NAMES[type] ?? OTHER_NAMES[type])[i]}`,
        source,
      ]),
    ),
  ]
}
