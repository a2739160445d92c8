import { keptSeries, trainedOver } from '../../shared/order/results'
import { trainFailureText } from '../../shared/order/rows'
import type { DeviceStatus, Replies } from '../../shared/protocol/protocol'
import type { FirstNonFinite } from '../../shared/network/results'
import type { RunDocument } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { Connection } from '../base/connection'
import { keptByPage, type Keeping } from './keeping'
import type { OrderQuestion } from './order-question'
import type { OrderSeries, SeedResults } from './order-results'
import { pictureOfResult } from './picture'

/** A set of orderings that the page has put together, as a run of the library and back. */

interface OrderRunResult {
  finished: boolean
  /** Over all seeds, as curves are read by. */
  series: unknown[]
  /** What the picture is drawn from. */
  seeds: SeedResults[]
  /** In place of `seeds` where the command line made the run. */
  replies?: SeedReplies[]
}

/** As the command line keeps what the jobs of one seed replied. */
interface SeedReplies {
  measured: Replies['signal']['series']
  failures: FirstNonFinite[]
  trained: Replies['train'] | null
}

interface FoundOrder {
  /** As the controls had it. */
  experiment: Experiment
  shown: OrderQuestion
  /** That measured and trained it. */
  device: DeviceStatus | null
  seeds: SeedResults[]
  series: readonly OrderSeries[]
  finished: boolean
  seconds: number
}

export function keptOrder(
  connection: Connection,
  { experiment, shown, device, seeds, series, finished, seconds }: FoundOrder,
): Promise<Keeping> {
  const named = series.map(({ header, row, q, v, m, p }, i) =>
    keptSeries({ ...header, row, q, v, m, p, trained: trainedOver(seeds, i) }),
  )
  const result: OrderRunResult = { finished, series: named, seeds }
  const started = { type: 'order-started', device, ...shown }
  const document = { ...experiment, order: shown.order }
  return keptByPage(connection, { kind: 'order', experiment: document, started, result, seconds })
}

/** @throws Error where the run holds no such picture */
export function shownOrder({ entry, started, result }: RunDocument): {
  shown: OrderQuestion
  seeds: SeedResults[]
} {
  const { experiment, order } = (started ?? {}) as Partial<OrderQuestion>
  const { replies, seeds = replies?.map(seedOf) } = (result ?? {}) as Partial<OrderRunResult>
  if (!experiment || !order || !seeds)
    throw new Error(`${entry.name} was not made in this view: its settings are restored, its picture is not.`)
  return { shown: { experiment, order }, seeds }
}

function seedOf({ measured, failures, trained }: SeedReplies): SeedResults {
  return {
    series: measured.map(pictureOfResult),
    failures: measured.map((_, i) => failures.filter(({ series }) => series === i)),
    seconds: measured.map(({ seconds }) => seconds),
    frame: trained?.frames.at(-1) ?? null,
    trainFailures: (trained?.series ?? []).map(({ failure }) => failure && trainFailureText(failure)),
    trained,
  }
}
