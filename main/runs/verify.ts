import { version } from '../../package.json'
import { InputError } from '../../shared/base/errors'
import { changedRemedies } from '../../shared/block/remedies'
import { dataBatch, isVectorData } from '../../shared/data/batch'
import { parseExperiment } from '../../shared/experiment/experiment'
import { seriesGraphs } from '../../shared/network/series'
import { keptSeries, orderedSeries } from '../../shared/order/results'
import { checkPaths } from '../../shared/paths/paths'
import {
  TERM_LISTINGS,
  type MeasuredPaths,
  type PathSeries,
  type TermListing,
} from '../../shared/paths/results'
import { isJob, type JobBody, type JobReply, type JobType } from '../../shared/protocol/jobs'
import type { DepthEnd } from '../../shared/protocol/jobs/depth'
import type { DeviceStatus } from '../../shared/protocol/protocol'
import { decodeMessage, encodeMessage } from '../../shared/protocol/transport'
import { fieldsOf } from '../../shared/runs/curves'
import type { RunDocument, RunKind } from '../../shared/runs/run'
import { networksOf } from '../../shared/runs/summary'
import { comparedCurves, verify, type Verification } from '../../shared/runs/verification'
import { remediesOf, type Experiment } from '../../shared/settings/experiment'
import { defaultOrder } from '../../shared/settings/order'
import { defaultShatter, type ShatterSettings } from '../../shared/settings/shatter'
import {
  regionsNetworks,
  regionsResult,
  type RegionsPair,
  type RegionsResult,
} from '../../shared/shatter/regions'
import type { RunLibrary } from './library'
import { orderJobCount, orderReplies } from './order-jobs'
import { measureTrainedPaths, type TrainedPathsTools } from './trained-paths'

/** Who does a run again. */
export interface Again {
  /** @param part which of how many jobs of the run it is, for whoever follows its progress */
  job<T extends JobType>(
    body: JobBody<T>,
    part: { done: number; jobs: number },
  ): Promise<{ device: DeviceStatus; result: JobReply<T> }>
  /** @param networks how many are measured */
  paths(
    given: { experiment: Experiment; listing: TermListing; data: ArrayLike<number> | null },
    networks: number,
  ): Promise<PathSeries[]>
  regions(given: {
    experiment: Experiment
    settings: ShatterSettings
    networks: number
  }): Promise<RegionsPair[]>
  trainedPaths: (...given: Parameters<TrainedPathsTools['measure']>) => Promise<(MeasuredPaths | null)[]>
}

/** What came out. */
interface Made {
  /** In words. */
  device: string
  result: unknown
}

/**
 * Does a run again on this machine, and holds the one against the other.
 * @throws InputError where it has nothing to be held against; what doing it again throws
 */
export async function verifyRun(library: RunLibrary, id: string, again: Again): Promise<Verification> {
  const document = library.open(id)
  const { entry, experiment, result } = document
  const { kind } = entry
  const n = networksOf(kind, experiment)
  if (result === null) throw new InputError('run', `"${id}" has no result yet`, 'Go on with it first.')
  if (!comparedCurves(kind, result, n).length)
    throw new InputError('run', `"${id}" has no curve to hold another against`, NOTHING_MEASURED)
  const asked = { ...library.request(id), ...endOf(kind, result), ...stepsOf(document) }
  const body = { ...asked, type: kind, experiment: { ...experiment } }
  const now = isJob(body)
    ? await jobAgain(body, again)
    : kind === 'order'
      ? await orderAgain(document, again)
      : kind === 'regions'
        ? await regionsAgain(document, again)
        : await pathsAgain(document, library, again)
  return verify(
    kind,
    n,
    {
      ...{ result, device: entry.device, version: entry.version },
      changedRemedies: changedRemedies(remediesOf(experiment), document.environment?.remedies ?? {}),
    },
    // What is on the disk has been text.
    { result: decodeMessage(encodeMessage(now.result)), device: now.device, version },
  )
}

/** What asks a job to go as far as a training that was stopped; nothing where it was done to its end. */
function endOf(kind: RunKind, result: unknown): { until?: number | DepthEnd } {
  const { finished, steps, cells, unfinished } = fieldsOf(result)
  if (finished !== false) return {}
  if (kind === 'train' && isCount(steps)) return { until: steps }
  if (kind !== 'depth' || !Array.isArray(cells)) return {}
  const { steps: begun } = fieldsOf(unfinished)
  return { until: { cells: cells.length, steps: isCount(begun) ? begun : 0 } }
}

/** What asks a training for steps that round as they did. */
const stepsOf = ({ entry, environment }: RunDocument): { xla?: boolean } =>
  entry.kind === 'train' ? { xla: environment?.xla?.used ?? false } : {}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Why there is no verdict. */
export const stoppedTooSoon = () => new Error('It was stopped before it was done again.')

const NOTHING_MEASURED = 'It was stopped before anything was measured, or only counted: measure it anew.'

/** One job that is done to its end. */
async function whole<T extends JobType>(again: Again, body: JobBody<T>, part = { done: 0, jobs: 1 }) {
  const made = await again.job(body, part)
  if (!made.result.finished) throw stoppedTooSoon()
  return made
}

async function jobAgain(body: JobBody, again: Again): Promise<Made> {
  const { device, result } = await whole(again, body)
  return { device: device.description, result }
}

/** The jobs of a set of orderings, put together as its view and the command line do. */
async function orderAgain({ experiment }: RunDocument, again: Again): Promise<Made> {
  const set = experiment.order ?? defaultOrder()
  const jobs = orderJobCount(set)
  let done = 0
  const asked = (one: Experiment) => ({ experiment: { ...one } as Record<string, unknown> })
  const found = await orderReplies(experiment, set, {
    measure: (one) => whole(again, { type: 'signal', ...asked(one) }, { done: done++, jobs }),
    train: (one) => whole(again, { type: 'train', ...asked(one) }, { done: done++, jobs }),
  })
  const { device, finished, seeds } = found!
  const series = orderedSeries(seeds, experiment.replicas).map(keptSeries)
  return { device: device.description, result: { finished, series } }
}

/** In as many networks as it was: one that was stopped has fewer. */
async function regionsAgain({ entry, experiment, result }: RunDocument, again: Again): Promise<Made> {
  const settings = experiment.shatter ?? defaultShatter()
  const { networks } = (result as RegionsResult).series[0]
  const pairs = await again.regions({ experiment, settings, networks: networks.length })
  const own = regionsNetworks(experiment, settings)
  return { device: entry.device, result: regionsResult(own, pairs, true) }
}

/** Of networks at initialisation, or of trained ones: trained again, or those of the run that was looked at. */
async function pathsAgain(document: RunDocument, library: RunLibrary, again: Again): Promise<Made> {
  const { entry, experiment, started } = document
  // The view tells its whole request, which is of one series of the experiment.
  const request = fieldsOf(fieldsOf(started).request)
  const { listing, training, trained } = { ...fieldsOf(started), ...request }
  const own = request.experiment === undefined ? experiment : parseExperiment(request.experiment)
  const known = TERM_LISTINGS.find((one) => one === listing) ?? 'all'
  if (training !== true) {
    checkPaths(own, known)
    const data = isVectorData(own) ? dataBatch(own).x : null
    const networks = seriesGraphs(own).length * own.replicas
    const series = await again.paths({ experiment: own, listing: known, data }, networks)
    return { device: entry.device, result: { finished: true, series } }
  }
  const of = typeof trained === 'string' ? trained : null
  const { device, series } = await measureTrainedPaths(
    {
      experiment: of === null ? own : library.open(of).experiment,
      ...{ listing: known, trained: of, where: 'experiment' },
    },
    { train: (body) => whole(again, body), measure: again.trainedPaths },
  )
  return { device: device.description, result: { finished: true, series } }
}
