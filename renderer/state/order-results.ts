import type { FirstNonFinite } from '../../shared/network/results'
import { summarisePoint, type Summary } from '../../shared/numerics/statistics'
import { pooled, rowOf, trainFailureText, type OrderRow, type OrderTraining } from '../../shared/order/rows'
import type { LabEvent, Replies, TrainFrame } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'
import type { Quantity, SeriesHeader } from '../../shared/theory/series'
import { addBackward, addForward, emptyPicture, isComplete, type SeriesPicture } from './picture'

/** What one seed has given so far. */
export interface SeedResults {
  series: SeriesPicture[]
  failures: FirstNonFinite[][]
  /** How long each series took to be measured; null while it is not measured whole. */
  seconds: (number | null)[]
  frame: TrainFrame | null
  trainFailures: (string | null)[]
  trained: Replies['train'] | null
}

/** A series over all seeds, as the charts draw it. */
export interface OrderSeries extends Record<Quantity, Summary> {
  header: SeriesHeader
  row: OrderRow
  /** Blocks 0..forwardTo and backwardFrom..L are measured. */
  forwardTo: number
  backwardFrom: number
}

/** @param measured what is kept of an earlier run, which is then only trained */
export const emptySeed = (measured?: SeedResults): SeedResults => ({
  ...(measured ?? { series: [], failures: [], seconds: [] }),
  frame: null,
  trainFailures: [],
  trained: null,
})

/** Takes the events of one job on a seed, a measurement or a training, into its results. */
export function seedListener(kind: 'signal' | 'train', seed: SeedResults): (event: LabEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'started':
        if (kind === 'train' && seed.series.length) break
        seed.series = emptyPicture(event)
        seed.failures = event.series.map(() => [])
        seed.seconds = event.series.map(() => null)
        break
      case 'theory': {
        const one = seed.series[event.series]
        seed.series[event.series] = { ...one, header: { ...one.header, theory: event.theory } }
        break
      }
      case 'forward':
        addForward(seed.series[event.series], event.block, event.point)
        break
      case 'backward':
        addBackward(seed.series[event.series], event.block, event.point)
        break
      case 'frame':
        seed.frame = event
        break
      case 'non-finite':
        if ('step' in event && kind === 'train') seed.trainFailures[event.series] ??= trainFailureText(event)
        else seed.failures[event.series].push(event)
        break
    }
  }
}

/** Takes from a measurement's reply how long its series took: those that were measured whole. */
export function addSeconds(seed: SeedResults, replied: Replies['signal']['series']): void {
  seed.seconds = replied.map(({ seconds }) => (seconds > 0 ? seconds : null))
}

/** Whether every seed's every series is measured to its end. */
export const isMeasuredWhole = (seeds: readonly SeedResults[]): boolean =>
  seeds.every(({ series }) => series.length > 0 && series.every(isWhole))

/** All series of the set over its seeds; the ones that are not whole yet stay out where another seed's is. */
export function summarised(
  seeds: readonly SeedResults[],
  { replicas, trainReplicas }: Experiment,
): OrderSeries[] {
  const headers = seeds[0]?.series.map(({ header }) => header) ?? []
  return headers.map((header, i) => {
    const runs = seeds.filter(({ series }) => series.length > 0)
    const pictures = runs.map(({ series }) => series[i])
    const complete = pictures.filter(isWhole)
    // Nothing whole yet: the first seed's beginning.
    const [first] = pictures
    const own = complete.length ? complete : [first]
    const pool = (quantity: Quantity) =>
      pooled(
        own.map((one) => one[quantity]),
        replicas,
      )
    const results = runs.map(({ series, failures, seconds }) => ({
      q: series[i].q,
      p: series[i].p,
      isComplete: isWhole(series[i]),
      failures: failures[i],
      seconds: seconds[i],
    }))
    return {
      header,
      row: rowOf(header, results, replicas, trainingOf(seeds, i, trainReplicas)),
      q: pool('q'),
      v: pool('v'),
      m: pool('m'),
      p: pool('p'),
      forwardTo: own[0].forwardTo,
      backwardFrom: own[0].backwardFrom,
    }
  })
}

/**
 * A series' training over the seeds that were trained as far as any: to the end by the trainer's evaluation, before it
 * by the last batches. null: not trained.
 */
function trainingOf(seeds: readonly SeedResults[], i: number, replicas: number): OrderTraining | null {
  const steps = Math.max(...seeds.map(({ frame }) => frame?.step ?? 0))
  const runs = seeds.filter(({ frame }) => frame && frame.step === steps)
  if (!runs.length || steps === 0) return null
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const results = runs.map(({ trained }) => trained?.series[i] ?? null)
  const errors = (set: 'train' | 'test') => results.flatMap((one) => one?.[set]?.error.mean ?? [])
  const spreadOf = (set: 'train' | 'test') =>
    summarisePoint(results.flatMap((one) => one?.evaluations[set].error.at(-1) ?? []))
  const isEvaluated = errors('train').length === runs.length
  const seconds = results.flatMap((one) => one?.seconds ?? [])
  return {
    n: runs.length * replicas,
    steps,
    isEvaluated,
    trainError: mean(
      isEvaluated ? errors('train') : runs.map(({ frame }) => 1 - frame!.series[i].accuracy.mean),
    ),
    testError: isEvaluated ? mean(errors('test')) : null,
    ...(isEvaluated && runs.length * replicas > 1
      ? { spread: { train: spreadOf('train'), test: spreadOf('test') } }
      : {}),
    failure: runs.map(({ trainFailures }) => trainFailures[i] ?? null).find((text) => text !== null) ?? null,
    seconds: seconds.length === runs.length ? seconds.reduce((sum, one) => sum + one, 0) : null,
  }
}

const isWhole = (series: SeriesPicture) => isComplete(series, 'q') && isComplete(series, 'p')
