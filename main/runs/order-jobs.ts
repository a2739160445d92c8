import type { FirstNonFinite } from '../../shared/network/results'
import type { SeedReplies } from '../../shared/order/results'
import { orderExperiments } from '../../shared/order/set'
import type { JobReply, JobType } from '../../shared/protocol/jobs'
import type { DeviceStatus, LabEvent } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'
import type { OrderSettings } from '../../shared/settings/order'

/** What a job gave; null: it was stopped before anything came of it. */
type Given<T extends JobType> = Promise<{ device: DeviceStatus; result: JobReply<T> } | null>

/** Who measures and trains the networks of one seed. */
export interface OrderJobs {
  measure(experiment: Experiment, onEvent: (event: LabEvent) => void): Given<'signal'>
  train(experiment: Experiment): Given<'train'>
}

/** What a set of orderings has given, as far as it went. */
export interface OrderReplies {
  device: DeviceStatus
  /** False where a job was stopped: the last seed's is then not whole. */
  finished: boolean
  seeds: SeedReplies[]
}

/** How many jobs make a set. */
export const orderJobCount = ({ seeds, train }: OrderSettings): number => seeds * (train ? 2 : 1)

/**
 * Measures a set of orderings, and trains it where that is asked: each seed in turn, up to the first job that is
 * stopped. @returns null where nothing came of it
 */
export async function orderReplies(
  experiment: Experiment,
  set: OrderSettings,
  jobs: OrderJobs,
): Promise<OrderReplies | null> {
  const seeds: SeedReplies[] = []
  let device: DeviceStatus | null = null
  const found = (finished: boolean) => device && { device, finished, seeds }
  for (const one of orderExperiments(experiment, set)) {
    const failures: FirstNonFinite[] = []
    const measured = await jobs.measure(one, (event) => {
      if (event.type === 'non-finite') failures.push(event)
    })
    if (!measured) return found(false)
    device ??= measured.device
    const seed: SeedReplies = { measured: measured.result.series, failures, trained: null }
    seeds.push(seed)
    if (!measured.result.finished) return found(false)
    if (!set.train) continue
    const trained = await jobs.train(one)
    seed.trained = trained && trained.result
    if (!trained?.result.finished) return found(false)
  }
  return found(true)
}
