import { sampleAxes } from '../../../shared/export/layout'
import type { ExportedNetwork } from '../../../shared/export/network'
import { positions } from '../../../shared/numerics/shape'
import { loadBackend } from '../../trainer/backend'
import type { Reopened } from '../format'
import type { GraphModel } from './graph-model'
import type { LayersModel } from './layers-model'

type Tf = ReturnType<typeof loadBackend>['tf']
type Model = Awaited<ReturnType<Tf['loadLayersModel']>> | ReturnType<Tf['loadGraphModelSync']>

/** Runs a graph in plain TensorFlow.js. @throws Error where it does not take the graph */
export function runGraphModel({ signature, ...model }: GraphModel, network: ExportedNetwork): Reopened {
  return running(network, (tf) => tf.loadGraphModelSync({ ...artifactsOf(model), signature }))
}

/** Runs layers in plain TensorFlow.js. @throws Error where it does not take them */
export function runLayersModel(model: LayersModel, network: ExportedNetwork): Reopened {
  return running(network, (tf) => tf.loadLayersModel(tf.io.fromMemory(artifactsOf(model))))
}

const artifactsOf = ({ topology, weights, data }: LayersModel) => ({
  modelTopology: topology,
  weightSpecs: weights,
  weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
})

function running({ input, axes }: ExportedNetwork, load: (tf: Tf) => Model | Promise<Model>): Reopened {
  const { tf } = loadBackend({ library: null })
  return async (x) => {
    const model = await load(tf)
    const samples = x.length / (input.units * positions(input))
    const found = tf.tidy(() => {
      const given = tf.tensor(x, [samples, ...sampleAxes(input, axes, 'channels last')])
      // One output, one tensor.
      return model.predict(given) as ReturnType<typeof tf.tensor>
    })
    try {
      return (await found.data()) as Float32Array
    } finally {
      found.dispose()
      model.dispose()
    }
  }
}
