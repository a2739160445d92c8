import { MNIST1D_LENGTH, mnist1d } from '../../../shared/data/mnist1d'
import type { SampleOutcomes } from '../../../shared/network/results'
import { EVALUATED_SAMPLES } from './memory'
import type { SeriesEvaluation, Worth } from './series-evaluation'
import type { TrainableSeries } from './trainable-series'
import { oneHot } from './training-batches'

/**
 * Every network's outcomes on all training samples and on all test samples. Batch norm takes its statistics over all
 * training samples, or, where the experiment says so, of the samples that go in, a thousand at a time.
 */
export function evaluate(network: TrainableSeries): { train: SampleOutcomes; test: SampleOutcomes } {
  const { x, y, xTest, yTest } = mnist1d()
  const { evaluation } = network
  const taken = takeStatistics(network)
  const train = taken
    ? { loss: Array.from(taken.loss), error: Array.from(taken.error) }
    : evaluateOn(evaluation, x, y)
  return { train, test: evaluateOn(evaluation, xTest, yTest) }
}

/** Statistics over all training samples, where networks are evaluated with these; null: they are not. */
export function takeStatistics({ evaluation }: TrainableSeries): Worth | null {
  if (!evaluation.needsStatistics) return null
  const { x, y } = mnist1d()
  return evaluation.overTraining(Float32Array.from(x), oneHot(y))
}

/** @param x [samples, 40]; @param labels one for each sample */
function evaluateOn(evaluation: SeriesEvaluation, x: Float64Array, labels: Uint8Array): SampleOutcomes {
  const parts: Worth[] = []
  for (let at = 0; at < labels.length; at += EVALUATED_SAMPLES) {
    const end = Math.min(at + EVALUATED_SAMPLES, labels.length)
    const values = Float32Array.from(x.subarray(at * MNIST1D_LENGTH, end * MNIST1D_LENGTH))
    parts.push(evaluation.evaluate(values, oneHot(labels.subarray(at, end))))
  }
  const mean = (key: 'loss' | 'error') =>
    Array.from(parts[0][key], (_, r) => parts.reduce((sum, part) => sum + part[key][r] / parts.length, 0))
  return { loss: mean('loss'), error: mean('error') }
}
