import { dataBatch } from '../../shared/data/batch'
import { checkTogether } from '../../shared/experiment/experiment'
import { seriesGraphs } from '../../shared/network/series'
import type { TrainedWeights } from '../../shared/network/trained-weights'
import { theoryOfPaths } from '../../shared/paths/paths'
import type { MeasuredPaths, TermListing } from '../../shared/paths/results'
import { checkTrainedPaths, divergence, measuredSamples, trainedExperiment } from '../../shared/paths/trained'
import type { JobBody, JobReply } from '../../shared/protocol/jobs'
import type { DeviceStatus } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'

/** What is asked of trained networks' paths. */
export interface TrainedPaths {
  /** That of the run whose networks these are, or the one to train by. */
  experiment: Experiment
  listing: TermListing
  /** Id of the run whose networks are looked at; null: they are trained for this. */
  trained: string | null
  /** Where the experiment stands, as errors name it: COMMAND_LINE, or a place in a document. */
  where: string
}

/** Who trains, and who computes paths. */
export interface TrainedPathsTools {
  train(body: JobBody<'train'>): Promise<{ device: DeviceStatus; result: JobReply<'train'> }>
  /**
   * The first network of each series at each measured sample.
   * @param given.weights by series: null stands for the network before training, undefined for none at all
   * @param networks how many are measured
   * @returns one for each series, in their order; fewer of trained ones where it was stopped
   */
  measure(
    given: {
      experiment: Experiment
      listing: Exclude<TermListing, 'none'>
      weights: (TrainedWeights | null | undefined)[]
    },
    networks: number,
  ): Promise<(MeasuredPaths | null)[]>
}

/**
 * The paths of one network of each series, before its training and after it.
 * @throws InputError for what cannot be trained or measured; what `tools` throw
 */
export async function measureTrainedPaths(
  { experiment: given, listing, trained, where }: TrainedPaths,
  tools: TrainedPathsTools,
) {
  const experiment = checkTogether(trainedExperiment(given), where)
  checkTrainedPaths(experiment, listing)
  const samples = measuredSamples(experiment)
  const graphs = seriesGraphs(experiment)
  const measureAll = (weights: (TrainedWeights | null | undefined)[]) => {
    const networks = samples * weights.filter((own) => own !== undefined).length
    return tools.measure({ experiment, listing: listing as Exclude<TermListing, 'none'>, weights }, networks)
  }
  // First, so that what cannot be measured is not trained.
  const before = await measureAll(graphs.map(() => null))
  const data = dataBatch(experiment).x
  // A run has all of its networks, of which the first one's weights come.
  const document = (trained === null ? experiment : given) as unknown as Record<string, unknown>
  const of = trained === null ? {} : { trained }
  const { device, result } = await tools.train({ type: 'train', experiment: document, weights: true, ...of })
  const problems = result.series.map((one) => divergence(one, experiment))
  const after = await measureAll(result.series.map(({ weights }, i) => (problems[i] ? undefined : weights!)))
  const series = graphs.slice(0, after.length).map((one, i) => {
    const { block, remedy, note } = one
    const { evaluations, failure } = result.series[i]
    const [loss, error] = [evaluations.test.loss, evaluations.test.error].map((own) => own[own.length - 1][0])
    const learned = { steps: result.steps, loss, error, samples, failure }
    const header = { block, remedy, note, ...theoryOfPaths(one, experiment, data) }
    return { ...header, trained: learned, initial: before[i]!, measured: after[i], problem: problems[i] }
  })
  return { device, experiment, samples, series }
}
