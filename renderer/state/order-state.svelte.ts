import { SETTINGS } from '../../shared/settings/table'
import type { Experiment } from '../../shared/settings/experiment'
import { orderExperiments, orderedBlocks } from '../../shared/order/set'
import { pooled, rowOf, type OrderRow, type OrderTraining } from '../../shared/order/rows'
import { defaultOrder, type OrderSettings } from '../../shared/settings/order'
import type { FirstNonFinite } from '../../shared/network/results'
import type { LabEvent, ProgressEvent, Replies, TrainFrame } from '../../shared/protocol/protocol'
import type { Quantity, SeriesHeader } from '../../shared/theory/series'
import type { Summary } from '../../shared/numerics/statistics'
import type { Connection } from '../base/connection'
import { measurementCost, trainingCost } from './cost'
import { problemOf } from './mends'
import { Pace } from './pace.svelte'
import { trainerJob } from './parts'
import { questionKey } from './question'
import { Task, type Outcome, type TaskRun, type TaskStatus } from './task.svelte'
import { addBackward, addForward, emptyPicture, isComplete, type SeriesPicture } from './picture'

/** Milliseconds between two pictures of a running measurement. */
const REFRESH = 120
/** Cost of one multiplication in the backward pass and the recomputed forward, beside the forward pass's one. */
const PASSES = { signal: 4, train: 3 }

/** What one seed has given so far. */
interface SeedRun {
  series: SeriesPicture[]
  failures: FirstNonFinite[][]
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

interface Step {
  kind: 'signal' | 'train'
  seed: number
  experiment: Experiment
  /** Multiplications, roughly. */
  weight: number
}

const trainingSettings = SETTINGS.filter(({ group }) => group === 'training').map(({ key }) => key)
const trainingKey = (experiment: Experiment) => questionKey({ experiment, dependsOn: trainingSettings })

/**
 * The set as it is measured and trained: the trainer's jobs one after the other, a seed each, so that they can be
 * followed and stopped as one. What was found stays until another set is begun. It has what JobBar shows of a job.
 */
export class OrderState {
  readonly #task = new Task()
  /** What is shown, and what it answers. */
  #shown = $state.raw<{ experiment: Experiment; order: OrderSettings } | null>(null)
  #steps: Step[] = []
  #current = $state.raw<Step | null>(null)
  #seeds: SeedRun[] = []
  /** What a run that has begun will show with its first news; until then what was found before stays. */
  #next: { shown: { experiment: Experiment; order: OrderSettings }; seeds: SeedRun[] } | null = null
  /** Counts changes of #seeds. */
  #version = $state(0)
  #refresh: number | undefined
  /** How the results are looked at; here, so that a view that is left and opened again shows the same. */
  view = $state<'multiples' | 'overlay' | 'table'>('multiples')
  readonly #pace = new Pace<Step['kind']>()

  constructor(private readonly connection: Connection) {}

  get status(): TaskStatus {
    return this.#task.status
  }
  get isRunning(): boolean {
    return this.#task.isRunning
  }
  get error(): Error | null {
    return this.#task.error
  }
  get outcome(): Outcome | null {
    return this.#task.outcome
  }
  get shown(): { experiment: Experiment; order: OrderSettings } | null {
    return this.#shown
  }

  /** Over the whole set: its time left counts the jobs that have not begun. */
  #progress = $derived.by<ProgressEvent | null>(() => {
    const [step, own] = [this.#current, this.#task.progress]
    if (!step || !own) return null
    const seeds = 1 + Math.max(...this.#steps.map(({ seed }) => seed))
    // A job that waits for another says so itself.
    const isMeasuring = step.kind === 'signal' && own.done > 0
    const what = isMeasuring ? `measuring ${own.message}` : own.message
    const seed = seeds > 1 ? `seed ${step.seed + 1} of ${seeds}: ` : ''
    const message = `${seed}${what}`
    const total = this.#steps.reduce((sum, { weight }) => sum + weight, 0)
    const before = this.#steps.slice(0, this.#steps.indexOf(step)).reduce((sum, one) => sum + one.weight, 0)
    const done = before + (step.weight * own.done) / Math.max(1, own.total)
    return {
      type: 'progress',
      message: message[0].toUpperCase() + message.slice(1),
      done,
      total,
      rate: own.rate,
      unit: own.unit,
      secondsLeft: this.#secondsLeft(step, own),
    }
  })
  get progress(): ProgressEvent | null {
    return this.#progress
  }

  /** All series, in the set's order; empty before the first measurement. */
  #series = $derived.by<OrderSeries[]>(() => {
    void this.#version
    return this.#shown ? this.#summarised(this.#shown.experiment) : []
  })
  get series(): readonly OrderSeries[] {
    return this.#series
  }

  isStale(experiment: Experiment, order: OrderSettings): boolean {
    if (!this.#shown) return false
    if (!isSameMeasurement(this.#shown, { experiment, order })) return true
    return (
      order.train &&
      !(this.#shown.order.train && trainingKey(this.#shown.experiment) === trainingKey(experiment))
    )
  }

  /** Seconds that `run` is to take; null where no job of one of its kinds was finished yet. */
  secondsFor(experiment: Experiment, order: OrderSettings): number | null {
    return this.#stepsOf(experiment, order).reduce<number | null>((sum, { kind, weight }) => {
      const seconds = this.#pace.secondsFor(kind, weight)
      return sum === null || seconds === null ? null : sum + seconds
    }, 0)
  }

  /** Runs the experiment's set, if it can be measured. */
  play(experiment: Experiment): void {
    const order = orderSettings(experiment)
    if (orderProblem(experiment, order) === null) void this.run(experiment, order)
  }

  /** Measures the set, and trains it if that is asked. A measurement that is there already is not made again. */
  run(experiment: Experiment, order: OrderSettings): Promise<void> {
    const question = questionKey({ experiment, dependsOn: 'training', asks: order })
    return this.#task.start(question, (run) => this.#work(run, experiment, order))
  }

  /** Ends the job that runs and those that wait; what was found stays. */
  stop(): void {
    this.#task.stop()
  }

  async #work(run: TaskRun, experiment: Experiment, order: OrderSettings): Promise<Outcome> {
    const isKept = this.#isKept(experiment, order)
    const experiments = orderExperiments(experiment, order)
    this.#steps = this.#stepsOf(experiment, order)
    const seeds = experiments.map((_, seed) => ({
      ...(isKept ? this.#seeds[seed] : { series: [], failures: [], seconds: [] }),
      frame: null,
      trainFailures: [],
      trained: null,
    }))
    this.#next = { shown: { experiment: experiments[0], order }, seeds }
    const begun = performance.now()
    let finished = true
    try {
      for (const step of this.#steps) {
        finished = await this.#take(run, step, seeds[step.seed])
        if (!finished) break
      }
      return { finished, seconds: (performance.now() - begun) / 1000 }
    } finally {
      this.#current = null
      this.#show()
    }
  }

  /** Whether what is measured already stays, and is only trained. */
  #isKept(experiment: Experiment, order: OrderSettings): boolean {
    return order.train && this.#isMeasured(experiment, order)
  }

  #stepsOf(experiment: Experiment, order: OrderSettings): Step[] {
    const experiments = orderExperiments(experiment, order)
    const of = (kind: Step['kind']) => experiments.map((one, seed) => stepOf(kind, one, seed))
    return [...(this.#isKept(experiment, order) ? [] : of('signal')), ...(order.train ? of('train') : [])]
  }

  /** Whether the step was done to its end. */
  async #take(run: TaskRun, step: Step, seed: SeedRun): Promise<boolean> {
    this.#current = step
    const begun = performance.now()
    const experiment = step.experiment as unknown as Record<string, unknown>
    const onEvent = this.#listener(step, seed)
    const job = async () => {
      if (step.kind === 'signal')
        return trainerJob(run, this.connection, { type: 'signal', experiment }, { onEvent })
      const reply = await trainerJob(run, this.connection, { type: 'train', experiment }, { onEvent })
      seed.trained = reply
      return reply
    }
    const { finished } = await job()
    if (finished) this.#pace.learn(step.kind, (performance.now() - begun) / 1000, step.weight)
    this.#changed()
    return finished
  }

  #adopt() {
    if (this.#next) [this.#shown, this.#seeds] = [this.#next.shown, this.#next.seeds]
    this.#next = null
  }

  /**
   * The running job's own, and for each that waits as long as its like took, or as long as anything took for its size.
   */
  #secondsLeft(step: Step, own: ProgressEvent): number | null {
    if (own.secondsLeft === null || own.rate === null) return null
    const now = own.total / own.rate / step.weight
    const secondsOf = ({ kind, weight }: Step) =>
      (kind === step.kind ? null : this.#pace.secondsFor(kind, weight)) ?? weight * now
    const waiting = this.#steps.slice(this.#steps.indexOf(step) + 1)
    return waiting.reduce((sum, one) => sum + secondsOf(one), own.secondsLeft)
  }

  #isMeasured(experiment: Experiment, order: OrderSettings): boolean {
    if (!this.#shown || !isSameMeasurement(this.#shown, { experiment, order })) return false
    return this.#seeds.every(({ series }) => series.length > 0 && series.every(isMeasuredWhole))
  }

  #listener({ kind }: Step, run: SeedRun): (event: LabEvent) => void {
    // Series are measured one after the other, so the time between their ends is theirs.
    let last = performance.now()
    return (event) => {
      switch (event.type) {
        case 'started':
          this.#adopt()
          if (kind === 'train' && run.series.length) break
          last = performance.now()
          run.series = emptyPicture(event)
          run.failures = event.series.map(() => [])
          run.seconds = event.series.map(() => null)
          break
        case 'forward':
          addForward(run.series[event.series], event.block, event.point)
          break
        case 'backward':
          addBackward(run.series[event.series], event.block, event.point)
          if (event.block > 0) break
          run.seconds[event.series] = (performance.now() - last) / 1000
          last = performance.now()
          break
        case 'frame':
          run.frame = event
          break
        case 'non-finite':
          if ('step' in event && kind === 'train')
            run.trainFailures[event.series] ??= `step ${event.step}, ${event.quantity}, block ${event.block}`
          else run.failures[event.series].push(event)
          break
      }
      this.#changed()
    }
  }

  /** However fast events come, what depends on them is brought up to date a few times a second. */
  #changed() {
    this.#refresh ??= window.setTimeout(() => this.#show(), REFRESH)
  }

  #show() {
    clearTimeout(this.#refresh)
    this.#refresh = undefined
    this.#version++
  }

  #summarised({ replicas, trainReplicas }: Experiment): OrderSeries[] {
    const headers = this.#seeds[0]?.series.map(({ header }) => header) ?? []
    return headers.map((header, i) => {
      const runs = this.#seeds.filter(({ series }) => series.length > 0)
      const pictures = runs.map(({ series }) => series[i])
      const complete = pictures.filter(isMeasuredWhole)
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
        isComplete: isMeasuredWhole(series[i]),
        failures: failures[i],
        seconds: seconds[i],
      }))
      return {
        header,
        row: rowOf(header, results, replicas, this.#training(i, trainReplicas)),
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
   * Over the seeds that were trained as far as any: to the end by the trainer's evaluation, before it by the last
   * batches.
   */
  #training(i: number, replicas: number): OrderTraining | null {
    const steps = Math.max(...this.#seeds.map(({ frame }) => frame?.step ?? 0))
    const runs = this.#seeds.filter(({ frame }) => frame && frame.step === steps)
    if (!runs.length || steps === 0) return null
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const results = runs.map(({ trained }) => trained?.series[i] ?? null)
    const errors = (set: 'train' | 'test') => results.flatMap((one) => one?.[set]?.error.mean ?? [])
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
      failure:
        runs.map(({ trainFailures }) => trainFailures[i] ?? null).find((text) => text !== null) ?? null,
      seconds: seconds.length === runs.length ? seconds.reduce((sum, one) => sum + one, 0) : null,
    }
  }
}

export const orderSettings = (experiment: Experiment): OrderSettings => experiment.order ?? defaultOrder()

/** Why the set cannot be measured with the experiment's settings; null: it can. */
export const orderProblem = (experiment: Experiment, order: OrderSettings): string | null =>
  orderedBlocks(order, experiment).blocks.length
    ? problemOf(orderExperiments(experiment, order)[0])
    : 'Choose at least one ordering.'

const isMeasuredWhole = (series: SeriesPicture) => isComplete(series, 'q') && isComplete(series, 'p')

const measuredKey = (experiment: Experiment) => questionKey({ experiment, dependsOn: 'measuring' })

function isSameMeasurement(
  shown: { experiment: Experiment; order: OrderSettings },
  asked: { experiment: Experiment; order: OrderSettings },
): boolean {
  const [first] = orderExperiments(asked.experiment, asked.order)
  return shown.order.seeds === asked.order.seeds && measuredKey(shown.experiment) === measuredKey(first)
}

function stepOf(kind: Step['kind'], experiment: Experiment, seed: number): Step {
  const cost = kind === 'signal' ? measurementCost(experiment) : trainingCost(experiment)
  return { kind, seed, experiment, weight: PASSES[kind] * cost }
}
