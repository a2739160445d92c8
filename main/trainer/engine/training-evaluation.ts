import type { DataPart, DataSet } from '../../../shared/data/description'
import { dataSetOf } from '../../../shared/data/samples'
import { scaledRange } from '../../../shared/data/scale'
import { targetVariance } from '../../../shared/data/targets'
import type { SampleOutcomes } from '../../../shared/network/results'
import { evaluatedSamples } from '../../../shared/network/schedule'
import { evaluatedAtOnce, replicasOverTraining, samplesOverTraining } from './memory'
import { wantedOf, type SeriesEvaluation, type Worth } from './series-evaluation'
import type { TrainableSeries } from './trainable-series'

/**
 * Every network's outcomes on the training samples and on the test samples that networks are evaluated on. Batch norm
 * takes its statistics over training samples, or, where the experiment says so, of the samples that go in together.
 * @param passed told of each block that samples are through; may throw
 */
export async function evaluate(
  network: TrainableSeries,
  passed: () => void = () => {},
): Promise<{ train: SampleOutcomes; test: SampleOutcomes }> {
  const { evaluation, experiment, plan } = network
  const data = dataSetOf(experiment)
  const counts = evaluatedSamples(experiment)
  const atOnce = evaluatedAtOnce(plan, experiment)
  const taken = await takeStatistics(network, passed)
  const train =
    taken && samplesOverTraining(plan, experiment) === counts.training
      ? { loss: Array.from(taken.loss), error: Array.from(taken.error) }
      : await evaluateOn(evaluation, data, data.training, counts.training, atOnce, passed)
  return { train, test: await evaluateOn(evaluation, data, data.test, counts.test, atOnce, passed) }
}

/** How often `evaluate` tells of a block: about, since stem and head may count. */
export function blocksPassed({ evaluation, experiment, plan }: TrainableSeries): number {
  const counts = evaluatedSamples(experiment)
  const parts = (count: number) => Math.ceil(count / evaluatedAtOnce(plan, experiment))
  const overTraining = evaluation.needsStatistics
  const isMeasured = overTraining && samplesOverTraining(plan, experiment) === counts.training
  const training =
    (overTraining ? Math.ceil(experiment.replicas / replicasOverTraining(plan, experiment)) : 0) +
    (isMeasured ? 0 : parts(counts.training))
  return plan.length * (training + parts(counts.test))
}

/** Statistics over training samples, where networks are evaluated with these; null: they are not. */
export async function takeStatistics(
  { evaluation, experiment, plan }: TrainableSeries,
  passed?: () => void,
): Promise<Worth | null> {
  if (!evaluation.needsStatistics) return null
  const data = dataSetOf(experiment)
  const count = samplesOverTraining(plan, experiment)
  const { training } = data
  const wanted = wantedOf(data, training, 0, count, targetVariance(data, training, count))
  return evaluation.overTraining(scaledRange(data, training, 0, count), wanted, passed)
}

async function evaluateOn(
  evaluation: SeriesEvaluation,
  data: DataSet,
  part: DataPart,
  count: number,
  atOnce: number,
  passed: () => void,
): Promise<SampleOutcomes> {
  const parts: { worth: Worth; share: number }[] = []
  const variance = targetVariance(data, part, count)
  for (let at = 0; at < count; at += atOnce) {
    const end = Math.min(at + atOnce, count)
    const wanted = wantedOf(data, part, at, end, variance)
    const worth = await evaluation.evaluate(scaledRange(data, part, at, end), wanted, passed)
    parts.push({ worth, share: (end - at) / count })
  }
  const mean = (key: 'loss' | 'error') =>
    Array.from(parts[0].worth[key], (_, r) =>
      parts.reduce((sum, { worth, share }) => sum + worth[key][r] * share, 0),
    )
  return { loss: mean('loss'), error: mean('error') }
}
