/**
 * A thread beside a host for what would keep it from hearing others (a command: Ctrl+C). One task, its progress, its
 * answer. It loads no TensorFlow; what opens an export again is loaded by the task that makes one.
 */
import { readFromDataFolder } from '../../data/store'
import { parentPort, workerData } from 'node:worker_threads'
import { InputError, messageOf } from '../../../shared/base/errors'
import type { ExportSettings } from '../../../shared/export/forms'
import { seriesGraphs } from '../../../shared/network/series'
import type { TrainedWeights } from '../../../shared/network/trained-weights'
import { measureNetwork, summarisePaths } from '../../../shared/paths/measure'
import { measurePaths } from '../../../shared/paths/paths'
import type { MeasuredPaths, TermListing } from '../../../shared/paths/results'
import { measuredSamples, trainedNetwork, untrainedNetwork } from '../../../shared/paths/trained'
import type { ProgressEvent } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import { countRegions } from '../../../shared/shatter/regions'
import type { ExportRequest } from '../../export/export-run'
import { openRunLibrary } from '../../runs/library'
import { prepareSeries } from '../../trainer/engine/prepared-series'
import { seriesHeaders, withFiniteWidth } from '../../trainer/engine/series-theory'
import type { RunFileRequest } from './make-run-file'

/** What is told on the way. */
interface Tell {
  /** One more network is measured. */
  network(): void
  /** One more part is measured: the next of the answer's list. */
  part(value: unknown): void
  progress(event: ProgressEvent): void
}

/** Each takes and gives what can be cloned. */
const TASKS = {
  theory(experiment: Experiment) {
    const prepared = prepareSeries(experiment)
    return withFiniteWidth(experiment, prepared, seriesHeaders(experiment, prepared))
  },
  paths: (
    given: { experiment: Experiment; listing: TermListing; data: ArrayLike<number> | null },
    { network, part }: Tell,
  ) => measurePaths(given.experiment, given.listing, given.data, network, part),
  trainedPaths: measureTrained,
  regions: (
    given: { experiment: Experiment; settings: ShatterSettings; networks: number },
    { network, part }: Tell,
  ) =>
    countRegions(given.experiment, given.settings, given.networks, (pair) => {
      network()
      part(pair)
    }),
  /** @param given.folder the data folder @param given.target see `writeExports` */
  export: async (
    given: { folder: string; run: string; request: ExportRequest; target: string },
    { progress }: Tell,
  ) => {
    const { writeExports } = await import('../../export/export-run')
    return writeExports(openRunLibrary(given.folder), given.run, given.request, given.target, progress)
  },
  /** Whether networks can be exported so. @returns bytes that their numbers take @throws InputError */
  exportSize: async (given: { folder: string; run: string; settings: ExportSettings }) => {
    const { exportedBytes } = await import('../../export/export-run')
    return exportedBytes(openRunLibrary(given.folder), given.run, given.settings)
  },
  /** A figure, numbers or a report, as one file. */
  runFile: async (given: { folder: string; request: RunFileRequest }) => {
    const { makeRunFile } = await import('./make-run-file')
    return makeRunFile(openRunLibrary(given.folder), given.request)
  },
  /** What a file of weights holds. @param given.run whose architecture they are for; null: the export's own */
  importLook: async ({ folder, file, run, series }: GivenWeights) => {
    const { lookAtWeights, runArchitecture } = await import('../../import/network')
    const library = openRunLibrary(folder)
    return lookAtWeights(file, run === null ? null : runArchitecture(library, run, series))
  },
  /** @param given.target an empty folder for the checkpoint */
  importWeights: async ({ folder, file, run, series, target }: GivenWeights & { target: string }) => {
    const { runArchitecture } = await import('../../import/network')
    const { writeNetwork } = await import('../../import/import-network')
    const architecture = run === null ? null : runArchitecture(openRunLibrary(folder), run, series)
    return writeNetwork(file, architecture, target)
  },
} as const

/** @param folder the data folder */
interface GivenWeights {
  folder: string
  file: string
  run: string | null
  series: number | null
}

export type ThreadTasks = typeof TASKS
export type ThreadAnswer =
  | { type: 'network' }
  | { type: 'part'; value: unknown }
  | { type: 'progress'; event: ProgressEvent }
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
  { network: onNetwork, part }: Tell,
): (MeasuredPaths | null)[] {
  const { experiment, listing, weights } = given
  const { seed, blocks } = experiment
  const replicas = measuredSamples(experiment)
  return seriesGraphs(experiment).map(({ graph }, i) => {
    const own = weights[i]
    if (own === undefined) {
      part(null)
      return null
    }
    const network = own ? trainedNetwork(graph, experiment, own) : untrainedNetwork(graph, experiment)
    const at = Array.from({ length: replicas }, (_, sample) => {
      const found = measureNetwork(network, listing, { seed, replica: sample, replicas, sample })
      onNetwork()
      return found
    })
    const found = summarisePaths(at, blocks)
    part(found)
    return found
  })
}

async function run({ name, given }: { name: keyof ThreadTasks; given: unknown }): Promise<ThreadAnswer> {
  const task = TASKS[name] as (given: unknown, tell: Tell) => unknown
  const tell: Tell = {
    network: () => send({ type: 'network' }),
    part: (value) => send({ type: 'part', value }),
    progress: (event) => send({ type: 'progress', event }),
  }
  try {
    return { type: 'value', value: await task(given, tell) }
  } catch (error) {
    const input = error instanceof InputError ? [error.where, error.what, error.hint] : null
    return { type: 'error', input, message: messageOf(error) }
  }
}

const send = (answer: ThreadAnswer) => parentPort!.postMessage(answer)
readFromDataFolder()
void run(workerData as Parameters<typeof run>[0]).then(send)
