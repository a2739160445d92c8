import { channelsLastDims } from './graph'
import type { GraphModel } from './graph-model'
import type { ExportedNetwork } from '../../../shared/export/network'
import { positions } from '../../../shared/numerics/shape'
import { loadBackend } from '../../trainer/backend'
import type { Reopened } from '../format'

/** Runs a graph in plain TensorFlow.js. @throws Error where it does not take the graph */
export function runGraphModel(
  { topology, signature, weights, data }: GraphModel,
  { input, axes }: ExportedNetwork,
): Reopened {
  const { tf } = loadBackend({ library: null })
  const weightData = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer
  const model = tf.loadGraphModelSync({
    modelTopology: topology,
    signature,
    weightSpecs: weights,
    weightData,
  })
  return async (x) => {
    const samples = x.length / (input.units * positions(input))
    const found = tf.tidy(() => {
      const given = tf.tensor(x, [samples, ...channelsLastDims(input, axes).slice(1)])
      // One output, one tensor.
      return model.predict(given) as ReturnType<typeof tf.tensor>
    })
    try {
      return (await found.data()) as Float32Array
    } finally {
      found.dispose()
    }
  }
}
