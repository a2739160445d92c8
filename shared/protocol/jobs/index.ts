/**
 * The one table of jobs: what the trainer queues, and what can be paused and stopped. A new job is a file here and its
 * line in `JOBS`, then an engine function and its line in main/trainer/jobs.ts; requests, replies, events, the host and
 * the command line follow from the types.
 */
import * as v from 'valibot'
import type { WholeGpuUse } from '../../runs/computed'
import type { RunEntry } from '../../runs/run'
import { isRunSweep, type RunSweep } from '../../sweep/run-sweep'
import { depth } from './depth'
import { lesion } from './lesion'
import { shatter } from './shatter'
import { signal } from './signal'
import { train } from './train'

export const JOBS = { signal, shatter, lesion, train, depth }

type Jobs = typeof JOBS
export type JobType = keyof Jobs
type Types<T extends JobType> = NonNullable<Jobs[T]['types']>

/** What every job's request may say of the run that it becomes. */
const KEEPING = {
  /** Its result is kept in the library of runs; the reply names the run. */
  keep: v.optional(v.boolean()),
  /** The run's name; left out: its id. */
  name: v.optional(v.pipe(v.string(), v.maxLength(100))),
  /** The sweep that the run is a point of. */
  sweep: v.optional(v.custom<RunSweep>(isRunSweep)),
  /** Id of a run that ended early and is gone on with, as its own experiment says; trainings alone have that. */
  resume: v.optional(v.pipe(v.string(), v.maxLength(64))),
  /** Id of a run whose trained networks are looked at, in place of training them; its experiment is this one's. */
  trained: v.optional(v.pipe(v.string(), v.maxLength(64))),
}

/** What a request says of the run that it becomes. */
export type Keeping = v.InferOutput<v.ObjectSchema<typeof KEEPING, undefined>>

/** The request for a job. */
export type JobBody<T extends JobType = JobType> = {
  [K in T]: { type: K } & Parameters<Jobs[K]['prepare']>[0] & Keeping
}[T]

/** A job that can be run: its type and what `prepare` made of the request. */
export type PreparedJob<T extends JobType = JobType> = {
  [K in T]: { type: K } & ReturnType<Jobs[K]['prepare']>
}[T]

export type JobEvent<T extends JobType = JobType> = { [K in T]: Types<K>['event'] }[T]
export type JobResult<T extends JobType = JobType> = { [K in T]: Types<K>['result'] }[T]
export type JobReply<T extends JobType = JobType> = {
  [K in T]: JobResult<K> & { seconds: number } & Watched & Kept
}[T]

/** What the trainer saw beside the job. */
export interface Watched {
  /** How busy the NVIDIA GPU was that computed it; absent where nothing tells it, or for want of time. */
  gpu?: WholeGpuUse
}

/** What has become of a result that was to be kept; absent where it was not. */
export interface Kept {
  /** Null where it could not be kept. */
  run?: RunEntry | null
  /** Why it could not, and what to do, as sentences. */
  runProblem?: string
}

type JobSchema<T extends JobType> = Jobs[T]['fields'] extends infer Fields extends v.ObjectEntries
  ? v.ObjectSchema<{ type: v.LiteralSchema<T, undefined> } & Fields & typeof KEEPING, undefined>
  : never

const TYPES = Object.keys(JOBS) as JobType[]

/** One schema a job, for the requests that a host takes. */
export const JOB_SCHEMAS = TYPES.map((type) =>
  v.object({ type: v.literal(type), ...JOBS[type].fields, ...KEEPING }),
) as unknown as { [T in JobType]: JobSchema<T> }[JobType][]

/** Whether a request asks for a job. */
export const isJob = (body: { type: string }): body is JobBody => Object.hasOwn(JOBS, body.type)

/** A job as it is run. @throws InputError for what cannot be run */
export function prepareJob({ type, ...body }: JobBody): PreparedJob {
  // Each entry takes its own body; the compiler does not follow the type through the table.
  const prepare = JOBS[type].prepare as (body: object) => object
  return { type, ...prepare(body) } as PreparedJob
}

/** What a job replies that was stopped before it started. */
export function unstarted(type: JobType): JobReply {
  return { finished: false, seconds: 0, ...JOBS[type].unstarted } as JobReply
}
