import { InputError } from '../../shared/base/errors'
import type { JobEvent, JobResult, JobType, PreparedJob } from '../../shared/protocol/jobs'
import type { Backend } from './backend'
import type { ControlBuffer } from './engine/control'
import { compareDepths } from './engine/depth'
import { measureLesion } from './engine/lesion'
import { measureShatter } from './engine/shatter'
import { shatterOfTrained } from './engine/shatter-trained'
import type { RunFolder } from './engine/run-folder'
import { measureSignal } from './engine/signal'
import type { AskTheories } from './engine/theories'
import { trainNetworks } from './engine/train'

/** What a worker gives a job: where it computes, who may stop it, and whom it tells. */
export interface Workplace<Event> {
  backend: Backend
  control: ControlBuffer
  emit: (event: Event) => void
  /** Where it keeps what it may go on from; null: nowhere. */
  place: RunFolder | null
  /** Who computes theories beside it; left out: it does so itself. */
  askTheories?: AskTheories
}

/** How each job of shared/protocol/jobs is run. @throws InputError where the networks do not fit; a stop is no error */
const RUNS: { [T in JobType]: (job: PreparedJob<T>, at: Workplace<JobEvent<T>>) => Promise<JobResult<T>> } = {
  signal: ({ experiment }, { backend, control, emit, askTheories }) =>
    measureSignal(backend, experiment, control, emit, undefined, askTheories),
  shatter({ experiment, settings, line, steps }, { backend, control, emit, place }) {
    if (!line) return measureShatter(backend, experiment, settings, control, emit)
    if (place) return shatterOfTrained({ backend, experiment, settings, line, steps, control, emit, place })
    throw new InputError('line', 'a line between two samples is of a run’s trained networks', 'Name the run.')
  },
  lesion: ({ experiment, set, training, statistics }, { backend, control, emit, place }) =>
    measureLesion(backend, experiment, set, training ? statistics : null, control, emit, place),
  train: ({ experiment, weights, until, xla }, { backend, control, emit, place }) =>
    trainNetworks(backend, experiment, control, emit, { weights, place, until, xla }),
  depth: ({ experiment, plan, until }, { backend, control, emit, place }) =>
    compareDepths(backend, experiment, plan, control, emit, { place, until }),
}

/** Runs one job to its end, or to where it is stopped. @throws InputError where the networks do not fit */
export function runJob(job: PreparedJob, at: Workplace<JobEvent>): Promise<JobResult> {
  // Each entry takes its own job; the compiler does not follow the type through the table.
  const run = RUNS[job.type] as (job: PreparedJob, at: Workplace<JobEvent>) => Promise<JobResult>
  return run(job, at)
}
