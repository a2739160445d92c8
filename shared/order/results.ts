import { outcomeAt, type Evaluations, type FirstNonFinite, type TrainedSeries } from '../network/results'
import type { Summary } from '../numerics/statistics'
import type { Quantity, SeriesHeader } from '../theory/series'
import { pooled, rowOf, trainFailureText, type OrderRow, type OrderTraining } from './rows'

/** A series as one seed's networks were measured. */
type Measured = SeriesHeader & Record<Quantity | 'weightGradientNorm2', Summary> & { seconds: number }

/** What one seed's jobs replied; series in the set's order. Those that were stopped gave what they had by then. */
export interface SeedReplies {
  measured: readonly Measured[]
  failures: readonly FirstNonFinite[]
  /** Null: not trained. */
  trained: { steps: number; finished: boolean; series: readonly TrainedSeries[] } | null
}

/** One ordering with one remedy over all seeds. */
export interface OrderedSeries extends SeriesHeader, Record<Quantity | 'weightGradientNorm2', Summary> {
  row: OrderRow
  /** The networks of all seeds as one series; null: not trained. */
  trained: TrainedSeries | null
}

/** The set over its seeds. @param replicas measured networks of each seed */
export function orderedSeries(seeds: readonly SeedReplies[], replicas: number): OrderedSeries[] {
  return seeds[0].measured.map((first, i) => {
    const { q: _q, v: _v, m: _m, p: _p, weightGradientNorm2: _w, seconds: _s, ...header } = first
    const measured = seeds.map((one) => one.measured[i])
    const whole = measured.filter(isWhole)
    // Nothing whole yet: the first seed's beginning.
    const shown = whole.length ? whole : measured.slice(0, 1)
    const pool = (quantity: Quantity | 'weightGradientNorm2') =>
      pooled(
        shown.map((one) => one[quantity]),
        replicas,
      )
    const results = measured.map((one, seed) => {
      const failures = seeds[seed].failures.filter(({ series }) => series === i)
      const isComplete = isWhole(one)
      return { q: one.q, p: one.p, isComplete, failures, seconds: isComplete ? one.seconds : null }
    })
    const trained = trainedOver(seeds, i)
    const steps = Math.max(0, ...asFarAsAny(seeds).map((one) => one.steps))
    return {
      ...header,
      q: pool('q'),
      v: pool('v'),
      m: pool('m'),
      p: pool('p'),
      weightGradientNorm2: pool('weightGradientNorm2'),
      row: rowOf(header, results, replicas, trained && trainingOf(trained, steps)),
      trained,
    }
  })
}

/** A measurement that was stopped on the way has taken no time yet. */
const isWhole = ({ seconds }: Pick<Measured, 'seconds'>) => seconds > 0

/** Seeds are pooled at the end of their training: one that was stopped counts where no other was trained to its end. */
function asFarAsAny(seeds: readonly Pick<SeedReplies, 'trained'>[]) {
  const trained = seeds.flatMap((one) => one.trained ?? [])
  const finished = trained.filter((one) => one.finished)
  return finished.length ? finished : trained
}

/** The networks of one series of all seeds side by side; null: none is trained. */
export function trainedOver(
  seeds: readonly Pick<SeedReplies, 'trained'>[],
  series: number,
): TrainedSeries | null {
  const trained = asFarAsAny(seeds).flatMap((one) => one.series[series] ?? [])
  return trained.length ? pooledTraining(trained) : null
}

/** As runs keep a series: what its curves and figures are read from. @param trained over all seeds; null: it is not */
export function keptSeries({
  trained,
  row,
  ...measured
}: Omit<OrderedSeries, keyof SeriesHeader | 'weightGradientNorm2'> &
  Pick<SeriesHeader, 'block' | 'blockTitle' | 'remedy' | 'note'> &
  Partial<Pick<OrderedSeries, 'weightGradientNorm2'>>) {
  const { block, blockTitle, remedy, note, q, v, m, p, weightGradientNorm2 } = measured
  return {
    ...{ block, blockTitle, remedy, note, q, v, m, p },
    ...(weightGradientNorm2 && { weightGradientNorm2 }),
    ...{ row, seconds: row.seconds },
    ...(trained && { evaluations: trained.evaluations, parameters: trained.parameters }),
  }
}

function trainingOf(trained: TrainedSeries, steps: number): OrderTraining {
  const { train, test, failure, seconds, evaluations } = trained
  const n = evaluations.train.error.at(-1)?.length ?? 0
  return {
    n,
    steps,
    isEvaluated: train !== null,
    trainError: train?.error.mean ?? NaN,
    testError: test?.error.mean ?? null,
    ...(train && test && n > 1 ? { spread: { train: train.error, test: test.error } } : {}),
    failure: failure && trainFailureText(failure),
    seconds,
  }
}

/** The networks of all seeds side by side. Where training ended early, curves end with the shortest. */
function pooledTraining(seeds: readonly TrainedSeries[]): TrainedSeries {
  const [first] = seeds
  if (seeds.length === 1) return first
  const all = seeds.map(({ evaluations }) => evaluations)
  const longest = all.reduce((a, b) => (b.step.length > a.step.length ? b : a))
  const isShared = (step: number) => all.every((one) => one.step.includes(step))
  const step = longest.step.filter(isShared)
  const values = (of: (one: Evaluations) => number[][]) =>
    step.map((at) => all.flatMap((one) => of(one)[one.step.indexOf(at)]))
  const atEnd = (set: 'train' | 'test') => ({
    loss: [all.flatMap((one) => one[set].loss.at(-1) ?? [])],
    error: [all.flatMap((one) => one[set].error.at(-1) ?? [])],
  })
  const isEvaluated = all.every((one) => one.step.length > 0)
  return {
    ...first,
    evaluations: {
      step,
      learningRate: step.map((at) => first.evaluations.learningRate[first.evaluations.step.indexOf(at)]),
      train: { loss: values((one) => one.train.loss), error: values((one) => one.train.error) },
      test: { loss: values((one) => one.test.loss), error: values((one) => one.test.error) },
    },
    train: isEvaluated ? outcomeAt(atEnd('train'), 0) : null,
    test: isEvaluated ? outcomeAt(atEnd('test'), 0) : null,
    failure: seeds.find(({ failure }) => failure)?.failure ?? null,
    seconds: seeds.reduce((sum, one) => sum + one.seconds, 0),
  }
}
