import { FIRST_TIME } from '../zip'
import { openHdf5 } from './hdf5'
import type { KerasNetwork } from './layers'
import { kerasOrder } from './order'

/** The version whose form this is; later ones read it. */
const KERAS_VERSION = '3.0.0'

/** Members of a .keras file: its layers, and their weights as HDF5. */
export const KERAS_CONFIG = 'config.json'
export const KERAS_WEIGHTS = 'model.weights.h5'

const tensor = (name: string, shape: readonly number[]) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, ...shape], dtype: 'float32', keras_history: [name, 0, 0] },
})

/** metadata.json and config.json of a functional model (keras.src.models.functional), Keras 3's form. */
export function kerasDocuments(network: KerasNetwork, name: string): Map<string, string> {
  const { input, output } = network
  const { layers } = kerasOrder(network)
  const shapes = new Map([[input.name, input.dims], ...layers.map((one) => [one.name, one.shape] as const)])
  const first = {
    ...{ module: 'keras.layers', class_name: 'InputLayer', registered_name: null, name: input.name },
    config: { batch_shape: [null, ...input.dims], dtype: 'float32', name: input.name },
    inbound_nodes: [],
  }
  const rest = layers.map(({ type, isOurs, name: own, config, inputs }) => {
    const given = inputs.map((one) => tensor(one, shapes.get(one)!))
    return {
      module: isOurs ? null : 'keras.layers',
      class_name: type,
      config: { name: own, trainable: true, dtype: 'float32', ...config },
      registered_name: isOurs ? `residual_lab>${type}` : null,
      name: own,
      inbound_nodes: [{ args: given.length > 1 ? [given] : given, kwargs: {} }],
    }
  })
  const config = {
    ...{ module: 'keras.src.models.functional', class_name: 'Functional', registered_name: 'Functional' },
    config: {
      ...{ name, trainable: true, layers: [first, ...rest] },
      ...{ input_layers: [input.name, 0, 0], output_layers: [output, 0, 0] },
    },
  }
  const metadata = { keras_version: KERAS_VERSION, date_saved: '1980-01-01@00:00:00' }
  return new Map([
    ['metadata.json', JSON.stringify(metadata)],
    [KERAS_CONFIG, JSON.stringify(config)],
  ])
}

/** "conv2d" of Conv2D, "re_lu" of ReLU: how Keras calls a layer's group. */
const snakeCase = (type: string) =>
  type
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()

/** The group of each layer's weights, by the layer's name: layers of a class are counted. */
export function weightGroups(network: KerasNetwork): Map<string, string> {
  const counts = new Map<string, number>()
  return new Map(
    kerasOrder(network).layers.map(({ type, name }) => {
      const base = snakeCase(type)
      const count = counts.get(base) ?? 0
      counts.set(base, count + 1)
      return [name, count ? `${base}_${count}` : base]
    }),
  )
}

/** Weights as Keras lays them in HDF5: layers/GROUP/vars/0.. */
export async function kerasWeights(network: KerasNetwork, name: string): Promise<Uint8Array> {
  const groups = weightGroups(network)
  const { library, file, bytes, close } = await openHdf5(null)
  try {
    atFirstTime(() => {
      const h5 = new library.File(file, 'w')
      try {
        const root = h5.create_group('layers')
        for (const { name: own, weights } of kerasOrder(network).layers) {
          const vars = root.create_group(groups.get(own)!).create_group('vars')
          vars.create_attribute('name', own)
          weights.forEach(({ dims, values }, i) =>
            vars.create_dataset({ name: String(i), data: values, shape: [...dims], dtype: '<f4' }),
          )
        }
        h5.create_group('vars').create_attribute('name', name)
        h5.flush()
      } finally {
        h5.close()
      }
    })
    return bytes()
  } finally {
    close()
  }
}

/**
 * HDF5 notes with every object when it was made, and asks the clock of JavaScript: the same network is to give the same
 * bytes, whenever it is written.
 */
function atFirstTime(work: () => void): void {
  const clock = Date.now
  Date.now = () => FIRST_TIME.getTime()
  try {
    work()
  } finally {
    Date.now = clock
  }
}

/** Weights by "GROUP/INDEX". @throws Error where the file is none */
export async function readKerasWeights(bytes: Uint8Array): Promise<Map<string, Float32Array>> {
  const { library, file, close } = await openHdf5(bytes)
  const { File, Dataset, Group } = library
  try {
    const h5 = new File(file, 'r')
    try {
      const found = new Map<string, Float32Array>()
      const root = h5.get('layers')
      if (!(root instanceof Group)) throw new Error('the weights have no layers')
      for (const group of root.keys()) {
        const vars = root.get(`${group}/vars`)
        if (!(vars instanceof Group)) continue
        for (const key of vars.keys()) {
          const dataset = vars.get(key)
          if (dataset instanceof Dataset) found.set(`${group}/${key}`, numbersOf(dataset.value))
        }
      }
      return found
    } finally {
      h5.close()
    }
  } finally {
    close()
  }
}

/** One number comes as itself. */
export const numbersOf = (value: unknown): Float32Array =>
  typeof value === 'number' ? Float32Array.of(value) : Float32Array.from(value as ArrayLike<number>)
