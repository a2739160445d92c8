import { MNIST1D_LENGTH, mnist1d } from '../../../shared/data/mnist1d'
import type { SampleOutcomes } from '../../../shared/network/results'
import { EVALUATED_SAMPLES } from './memory'
import type { TrainableSeries } from './trainable-series'
import { oneHot } from './training-batches'

/** Every network's outcomes on all training samples and on all test samples, a thousand at a time. */
export function evaluate(network: TrainableSeries): { train: SampleOutcomes; test: SampleOutcomes } {
  const { x, y, xTest, yTest } = mnist1d()
  return { train: evaluateOn(network, x, y), test: evaluateOn(network, xTest, yTest) }
}

/** @param x [samples, 40]; @param labels one for each sample */
function evaluateOn(network: TrainableSeries, x: Float64Array, labels: Uint8Array): SampleOutcomes {
  const parts: ReturnType<TrainableSeries['evaluate']>[] = []
  for (let at = 0; at < labels.length; at += EVALUATED_SAMPLES) {
    const end = Math.min(at + EVALUATED_SAMPLES, labels.length)
    const values = Float32Array.from(x.subarray(at * MNIST1D_LENGTH, end * MNIST1D_LENGTH))
    parts.push(network.evaluate(values, oneHot(labels.subarray(at, end))))
  }
  const mean = (key: 'loss' | 'error') =>
    Array.from(parts[0][key], (_, r) => parts.reduce((sum, part) => sum + part[key][r] / parts.length, 0))
  return { loss: mean('loss'), error: mean('error') }
}
