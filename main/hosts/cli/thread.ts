/**
 * A thread beside a command for what would keep it from hearing Ctrl+C: one task, its progress, its answer. It loads no
 * TensorFlow.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { InputError, messageOf } from '../../../shared/base/errors'
import { seriesGraphs } from '../../../shared/network/series'
import type { TrainedWeights } from '../../../shared/network/trained-weights'
import { measureNetwork, summarisePaths } from '../../../shared/paths/measure'
import { measurePaths } from '../../../shared/paths/paths'
import type { MeasuredPaths, TermListing } from '../../../shared/paths/results'
import { measuredSamples, trainedNetwork, untrainedNetwork } from '../../../shared/paths/trained'
import type { Experiment } from '../../../shared/settings/experiment'
import { prepareSeries } from '../../trainer/engine/prepared-series'
import { seriesHeaders } from '../../trainer/engine/series-theory'

/** Told after each network. */
type OnNetwork = () => void

/** Each takes and gives what can be cloned. */
const TASKS = {
  theory: (experiment: Experiment) => seriesHeaders(experiment, prepareSeries(experiment)),
  paths: (
    given: { experiment: Experiment; listing: TermListing; data: ArrayLike<number> | null },
    onNetwork: OnNetwork,
  ) => measurePaths(given.experiment, given.listing, given.data, onNetwork),
  trainedPaths: measureTrained,
} as const

export type ThreadTasks = typeof TASKS
export type ThreadAnswer =
  | { type: 'network' }
  | { type: 'value'; value: unknown }
  | { type: 'error'; input: string[] | null; message: string }

/**
 * The first network of each series at each of the measured samples, summarised over them.
 * @param given.weights by series: null stands for the network before training, undefined for none at all
 */
function measureTrained(
  given: {
    experiment: Experiment
    listing: Exclude<TermListing, 'none'>
    weights: (TrainedWeights | null | undefined)[]
  },
  onNetwork: OnNetwork,
): (MeasuredPaths | null)[] {
  const { experiment, listing, weights } = given
  const { seed, blocks } = experiment
  const replicas = measuredSamples(experiment)
  return seriesGraphs(experiment).map(({ graph }, i) => {
    const own = weights[i]
    if (own === undefined) return null
    const network = own ? trainedNetwork(graph, experiment, own) : untrainedNetwork(graph, experiment)
    const at = Array.from({ length: replicas }, (_, sample) => {
      const found = measureNetwork(network, listing, { seed, replica: sample, replicas, sample })
      onNetwork()
      return found
    })
    return summarisePaths(at, blocks)
  })
}

function run({ name, given }: { name: keyof ThreadTasks; given: unknown }): ThreadAnswer {
  const task = TASKS[name] as (given: unknown, onNetwork: OnNetwork) => unknown
  try {
    return { type: 'value', value: task(given, () => send({ type: 'network' })) }
  } catch (error) {
    const input = error instanceof InputError ? [error.where, error.what, error.hint] : null
    return { type: 'error', input, message: messageOf(error) }
  }
}

const send = (answer: ThreadAnswer) => parentPort!.postMessage(answer)
send(run(workerData as Parameters<typeof run>[0]))
