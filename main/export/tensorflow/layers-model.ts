import type { ExportedNetwork, NetworkArrays } from '../../../shared/export/network'
import { kerasNetwork, type KerasLayer, type KerasNetwork } from '../keras/layers'
import { kerasOrder } from '../keras/order'
import { packedWeights, type NamedArrays, type WeightEntry } from './weights'

/** Names of a layer's weights in TensorFlow.js, in Keras's order; layers of other classes have none. */
export const WEIGHT_NAMES: Record<string, readonly string[]> = {
  Dense: ['kernel', 'bias'],
  Conv1D: ['kernel', 'bias'],
  Conv2D: ['kernel', 'bias'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  LayerNormalization: ['gamma', 'beta'],
}

/** Layers without weights that TensorFlow.js has, too. */
const OTHERS = new Set([
  ...['ReLU', 'LeakyReLU', 'Activation', 'Rescaling', 'Dropout', 'Add', 'Multiply', 'ZeroPadding2D'],
  ...['AveragePooling1D', 'AveragePooling2D', 'MaxPooling1D', 'MaxPooling2D'],
  ...['GlobalAveragePooling1D', 'GlobalAveragePooling2D'],
])

/** What a LayersModel of TensorFlow.js is made of. */
export interface LayersModel {
  topology: object
  weights: WeightEntry[]
  data: Uint8Array
}

/** A network as TensorFlow.js's own layers; null: it has others. */
export function layersModel(
  network: ExportedNetwork,
  arrays: NetworkArrays,
  isFloat16: boolean,
): (LayersModel & NamedArrays) | null {
  const own = kerasNetwork(network, arrays)
  const { layers } = kerasOrder(own)
  if (!layers.every(({ type, isOurs }) => !isOurs && (type in WEIGHT_NAMES || OTHERS.has(type)))) return null
  const weights = layers.flatMap(({ name, type, weights: kept }) =>
    kept.map(({ dims, values, source }, i) => ({
      name: `${name}/${WEIGHT_NAMES[type][i]}`,
      ...{ dims, values, type: 'float' as const, source },
    })),
  )
  return { topology: topologyOf(own, layers), ...packedWeights(weights, isFloat16) }
}

/** The form of Keras 2, which TensorFlow.js reads. */
function topologyOf({ input, output }: KerasNetwork, layers: readonly KerasLayer[]): object {
  const first = {
    ...{ name: input.name, class_name: 'InputLayer', inbound_nodes: [] },
    config: { batch_input_shape: [null, ...input.dims], dtype: 'float32', sparse: false, name: input.name },
  }
  const rest = layers.map(({ name, type, config, inputs }) => ({
    ...{ name, class_name: type, config: { name, trainable: true, dtype: 'float32', ...oldConfig(config) } },
    inbound_nodes: [inputs.map((from) => [from, 0, 0, {}])],
  }))
  const config = {
    ...{ name: 'residual_network', layers: [first, ...rest] },
    ...{ input_layers: [[input.name, 0, 0]], output_layers: [[output, 0, 0]] },
  }
  return { keras_version: '2.9.0', backend: 'tensorflow', model_config: { class_name: 'Functional', config } }
}

/** Two words that Keras 3 has changed. */
function oldConfig({ negative_slope, ...config }: KerasLayer['config']): object {
  return {
    ...config,
    ...(negative_slope === undefined ? {} : { alpha: negative_slope }),
    ...(config.activation === 'silu' ? { activation: 'swish' } : {}),
  }
}
