import { type Growth, growthPerBlock } from '../numerics/growth'
import type { Failure, FirstNonFinite } from '../network/results'
import type { Quantity, SeriesHeader } from '../theory/series'
import { summarisePoint, type Summary } from '../numerics/statistics'

/** Growth of q, v or m² along the signal's way, or of p along the gradient's. */
function growthOfQuantity(quantity: Quantity, values: readonly number[]): Growth | null {
  return growthPerBlock(quantity === 'p' ? [...values].reverse() : values)
}

/**
 * One summary of equally many networks from each of several seeds. The mean is that over all networks. Percentiles are
 * those over all networks where each seed has one, else the mean over seeds of each seed's.
 */
export function pooled(summaries: readonly Summary[], replicas: number): Summary {
  if (summaries.length === 1) return summaries[0]
  const pool: Summary = { mean: [], median: [], low: [], high: [] }
  for (let k = 0; k < summaries[0].mean.length; k++) {
    const overSeeds = (statistic: keyof Summary) => summarisePoint(summaries.map((one) => one[statistic][k]))
    const mean = overSeeds('mean')
    pool.mean.push(mean.mean)
    pool.median.push(replicas === 1 ? mean.median : overSeeds('median').mean)
    pool.low.push(replicas === 1 ? mean.low : overSeeds('low').mean)
    pool.high.push(replicas === 1 ? mean.high : overSeeds('high').mean)
  }
  return pool
}

/** How the networks of a series were trained: means over seeds and replicas. */
export interface OrderTraining {
  /** Networks. */
  n: number
  steps: number
  /**
   * Whether they were trained to the end and evaluated on the whole data set; else the error is that of the last
   * batches.
   */
  isEvaluated: boolean
  trainError: number
  /** Over the test set; null where it was not measured. */
  testError: number | null
  /** 5th and 95th percentile over all networks; absent where they were not evaluated, or are one. */
  spread?: Record<'train' | 'test', { low: number; high: number }>
  /** How it failed, null when it did not. */
  failure: string | null
  /** Seconds of training, all seeds and replicas together; null where it was not measured. */
  seconds: number | null
}

/** One line of the ranked table: an ordering with a remedy. */
export interface OrderRow {
  block: string
  blockTitle: string
  remedy: string
  note: string | null
  /** Networks measured to the end: seeds × replicas; 0 when the measurement was stopped on the way. */
  n: number
  forward: Growth | null
  backward: Growth | null
  /** Growth of theory's curve, forward; null where theory has no answer, as backward. */
  forwardTheory: Growth | null
  backwardTheory: Growth | null
  failure: Pick<FirstNonFinite, 'quantity' | 'block' | 'operation' | 'replicas'> | null
  /** Seconds of the measurement, over all seeds; null until it is known. */
  seconds: number | null
  training: OrderTraining | null
}

/** What one series of one seed gave; what the table's rows are made of. */
export interface SeedResult {
  q: Summary
  p: Summary
  isComplete: boolean
  failures: readonly FirstNonFinite[]
  seconds: number | null
}

export function rowOf(
  header: SeriesHeader,
  seeds: readonly SeedResult[],
  replicas: number,
  training: OrderTraining | null,
): OrderRow {
  const { block, blockTitle, remedy, note, theory } = header
  const complete = seeds.filter(({ isComplete }) => isComplete)
  const measured = (quantity: 'q' | 'p'): Growth | null => {
    if (!complete.length) return null
    const summaries = complete.map((one) => one[quantity])
    const growth = growthOfQuantity(quantity, pooled(summaries, replicas).mean)
    if (!growth || complete.length === 1) return growth
    const single = summaries.flatMap(({ mean }) => growthOfQuantity(quantity, mean)?.ratio ?? [])
    return { ...growth, seeds: { low: Math.min(...single), high: Math.max(...single) } }
  }
  const expected = (quantity: 'q' | 'p') => {
    const values = theory[quantity]
    return values && growthOfQuantity(quantity, values)
  }
  const times = seeds.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]))
  return {
    block,
    blockTitle,
    remedy,
    note,
    n: complete.length * replicas,
    forward: measured('q'),
    backward: measured('p'),
    forwardTheory: expected('q'),
    backwardTheory: expected('p'),
    failure: firstFailure(seeds.flatMap(({ failures }) => failures)),
    seconds: times.length ? times.reduce((sum, time) => sum + time, 0) : null,
    training,
  }
}

/** The first on the signal's way; gradients, whose way begins at the top, come after all that goes forward. */
export function firstFailure<F extends Pick<FirstNonFinite, 'quantity' | 'block'>>(
  failures: readonly F[],
): F | null {
  const place = ({ quantity, block }: F) => (quantity === 'gradient' ? 1e9 - block : block)
  return failures.reduce<F | null>((first, one) => (!first || place(one) < place(first) ? one : first), null)
}

/** "q, block 128" or "gradient, block 3". */
export function failureText({ quantity, block }: Pick<FirstNonFinite, 'quantity' | 'block'>): string {
  return `${quantity === 'mean square' ? 'q' : quantity}, block ${block}`
}

/** "step 12, activation, block 3". */
export const trainFailureText = ({
  step,
  quantity,
  block,
}: Pick<Failure, 'step' | 'quantity' | 'block'>): string => `step ${step}, ${quantity}, block ${block}`
