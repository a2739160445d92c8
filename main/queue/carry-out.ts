import { InputError } from '../../shared/base/errors'
import { parseExperiment } from '../../shared/experiment/experiment'
import { keptSeries, orderedSeries } from '../../shared/order/results'
import { orderExperiments } from '../../shared/order/set'
import type { JobBody, JobReply } from '../../shared/protocol/jobs'
import type { DeviceStatus, ErrorDetail, LabEvent, ProgressEvent } from '../../shared/protocol/protocol'
import { queuedJob } from '../../shared/protocol/queue'
import type { PointProblem, StoredEntry } from '../../shared/queue/entry'
import { isTrainingKind } from '../../shared/runs/run'
import { defaultOrder } from '../../shared/settings/order'
import { pointWords } from '../../shared/sweep/points'
import { keptPoints } from '../../shared/sweep/kept'
import { screenSweep } from '../../shared/sweep/screen-plan'
import type { RunLibrary } from '../runs/library'
import { orderReplies } from '../runs/order-jobs'
import type { Recorder } from '../runs/recorder'
import { NotKept, doSweepPoints } from '../runs/sweep-points'

/** A job that gave no result. */
export class JobFailed extends Error {
  constructor(
    message: string,
    readonly reason: ErrorDetail['reason'],
    /** No job can be done now: the trainer cannot be started. */
    readonly isTrainerGone = false,
  ) {
    super(message)
  }
}

/** What was stopped from outside: another one comes first, or it was paused. */
export class Held extends Error {}

export interface JobOptions {
  /** Stops the job, which then answers with what it has found. */
  signal: AbortSignal
  /** The id of a training's run, which has a folder from its start. */
  onBegun?(run: string): void
  onEvent?(event: LabEvent): void
}

/** Who does the entries' jobs, and where the runs go. */
export interface QueueTools {
  library: Pick<RunLibrary, 'list' | 'remove'>
  keep: Recorder['keep']
  /** One job. @throws JobFailed */
  job(body: JobBody, options: JobOptions): Promise<{ device: DeviceStatus | null; reply: JobReply }>
}

/** What is heard of an entry that is carried out. */
export interface Following {
  signal: AbortSignal
  /** @param point key of the sweep's point under way */
  onProgress(event: ProgressEvent, point: string | null): void
  onBegun(run: string): void
}

export interface CarriedOut {
  /** Ids of the runs; of a sweep none, they are found by its id. */
  runs: string[]
  /** Points of a sweep that have no result. */
  problems: PointProblem[]
}

/**
 * Does what an entry asks for, or what is left of that: a training goes on from its checkpoint, and points of a sweep
 * that are kept are not done again.
 * @throws Held where the signal stopped it; InputError, JobFailed, NotKept
 */
export function carryOut(
  { work, runs }: StoredEntry,
  tools: QueueTools,
  following: Following,
): Promise<CarriedOut> {
  switch (work.kind) {
    case 'job':
      return carryOutJob(queuedJob(work.request), runs[runs.length - 1] ?? null, tools, following)
    case 'sweep':
      return carryOutSweep(work, tools, following)
    case 'order':
      return carryOutOrder(work.experiment, tools, following)
  }
}

/** @param last id of the run that it made when it was begun before */
async function carryOutJob(
  body: JobBody,
  last: string | null,
  tools: QueueTools,
  following: Following,
): Promise<CarriedOut> {
  const before = tools.library.list().runs.find(({ id }) => id === (last ?? body.resume))
  if (before?.state === 'finished') return { runs: [before.id], problems: [] }
  const { resume: _, ...rest } = body
  const goesOn = before?.canResume && isTrainingKind(body.type)
  const { reply } = await tools.job(
    { ...rest, keep: true, ...(goesOn && { resume: before.id }) } as JobBody,
    options(following),
  )
  const run = keptOf(reply)
  if (!reply.finished) throw new Held()
  if (!run) throw notKept(reply)
  if (before && !goesOn && before.state !== 'running') await tools.library.remove([before.id])
  return { runs: [run], problems: [] }
}

const options = ({ signal, onProgress, onBegun }: Following): JobOptions => ({
  signal,
  onBegun,
  onEvent(event) {
    if (event.type === 'progress') onProgress(event, null)
  },
})

const keptOf = ({ run }: JobReply): string | null => run?.id ?? null
const notKept = ({ runProblem }: JobReply) => new NotKept(runProblem ?? 'The result could not be kept.')

async function carryOutSweep(
  { experiment, name }: { experiment: Record<string, unknown>; name: string | null },
  tools: QueueTools,
  { signal, onProgress }: Following,
): Promise<CarriedOut> {
  const { id, command, points } = screenSweep(parseExperiment(experiment))
  const kept = keptPoints(tools.library.list().runs, id)
  const left = points.filter((point) => !kept(point).done)
  const sweep = { id, name, size: points.length }
  const problems = await doSweepPoints(sweep, left, tools.library, {
    async doPoint({ experiment: own }, keep, resume) {
      const document = own as unknown as Record<string, unknown>
      const body = { type: command, experiment: document, ...keep, ...(resume !== null && { resume }) }
      const { reply } = await tools.job(body as JobBody, { signal })
      if (!reply.finished) throw new Held()
      const run = keptOf(reply)
      if (run === null && reply.runProblem) throw notKept(reply)
      return run
    },
    onBegin({ key, settings }, place, { rate, secondsLeft }) {
      if (signal.aborted) throw new Held()
      const done = points.length - left.length + place
      onProgress(
        {
          ...{ type: 'progress', message: `Point ${done + 1} of ${points.length}, ${pointWords(settings)}` },
          ...{ done, total: points.length, unit: 'points', rate, secondsLeft },
        },
        key,
      )
    },
    isEnd: (error) =>
      error instanceof Held ||
      (error instanceof JobFailed && (error.isTrainerGone || error.reason === 'interrupted')),
  })
  return { runs: [], problems: [...problems].map(([{ key }, words]) => ({ key, words })) }
}

/** A set of orderings, whose jobs are parts of one run. */
async function carryOutOrder(
  document: Record<string, unknown>,
  tools: QueueTools,
  following: Following,
): Promise<CarriedOut> {
  const experiment = parseExperiment(document)
  const set = experiment.order ?? defaultOrder()
  const begun = performance.now()
  const part = async <T extends 'signal' | 'train'>(
    type: T,
    one: object,
    onEvent?: (event: LabEvent) => void,
  ) => {
    const { signal, onEvent: follow } = options(following)
    const hear = (event: LabEvent) => {
      follow?.(event)
      onEvent?.(event)
    }
    const body = { type, experiment: one as Record<string, unknown> } as JobBody
    const { device, reply } = await tools.job(body, { signal, onEvent: hear })
    return device && { device, result: reply as JobReply<T> }
  }
  const found = await orderReplies(experiment, set, {
    measure: (one, onEvent) => part('signal', one, onEvent),
    train: (one) => part('train', one),
  })
  if (!found?.finished) throw new Held()
  const { device, seeds } = found
  const { id } = await tools
    .keep({
      kind: 'order',
      experiment,
      started: {
        type: 'order-started',
        device,
        experiment: orderExperiments(experiment, set)[0],
        order: set,
      },
      result: {
        finished: true,
        series: orderedSeries(seeds, experiment.replicas).map(keptSeries),
        replies: seeds,
      },
      seconds: (performance.now() - begun) / 1000,
      name: null,
    })
    .catch((error: unknown) => {
      throw error instanceof InputError
        ? error
        : new NotKept(error instanceof Error ? error.message : String(error))
    })
  return { runs: [id], problems: [] }
}

/** What is said of points that have no result. */
export function problemWords(problems: readonly PointProblem[]): string {
  const [first] = problems
  const count = problems.length === 1 ? 'A point has' : `${problems.length} points have`
  return `${count} no result. ${first.words}`
}
