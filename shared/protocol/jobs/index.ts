/**
 * The one table of jobs: what the trainer queues, and what can be paused and stopped. A new job is a file here and its
 * line in `JOBS`, then an engine function and its line in main/trainer/jobs.ts; requests, replies, events, the host and
 * the command line follow from the types.
 */
import * as v from 'valibot'
import { lesion } from './lesion'
import { shatter } from './shatter'
import { signal } from './signal'
import { train } from './train'

export const JOBS = { signal, shatter, lesion, train }

type Jobs = typeof JOBS
export type JobType = keyof Jobs
type Types<T extends JobType> = NonNullable<Jobs[T]['types']>

/** The request for a job. */
export type JobBody<T extends JobType = JobType> = {
  [K in T]: { type: K } & Parameters<Jobs[K]['prepare']>[0]
}[T]

/** A job that can be run: its type and what `prepare` made of the request. */
export type PreparedJob<T extends JobType = JobType> = {
  [K in T]: { type: K } & ReturnType<Jobs[K]['prepare']>
}[T]

export type JobEvent<T extends JobType = JobType> = { [K in T]: Types<K>['event'] }[T]
export type JobResult<T extends JobType = JobType> = { [K in T]: Types<K>['result'] }[T]
export type JobReply<T extends JobType = JobType> = { [K in T]: JobResult<K> & { seconds: number } }[T]

type JobSchema<T extends JobType> = Jobs[T]['fields'] extends infer Fields extends v.ObjectEntries
  ? v.ObjectSchema<{ type: v.LiteralSchema<T, undefined> } & Fields, undefined>
  : never

const TYPES = Object.keys(JOBS) as JobType[]

/** One schema a job, for the requests that a host takes. */
export const JOB_SCHEMAS = TYPES.map((type) =>
  v.object({ type: v.literal(type), ...JOBS[type].fields }),
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
