import { capital } from '../../shared/base/format'
import type { Experiment } from '../../shared/settings/experiment'
import { orderExperiments } from '../../shared/order/set'
import type { OrderSettings } from '../../shared/settings/order'
import type { RunDocument } from '../../shared/runs/run'
import type { DeviceStatus, LabEvent, ProgressEvent } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'
import {
  isSameMeasurement,
  isSameTraining,
  orderProblem,
  orderSettings,
  stepsOf,
  type OrderQuestion,
  type OrderStep,
} from './order-question'
import {
  addSeconds,
  emptySeed,
  isMeasuredWhole,
  seedListener,
  summarised,
  type OrderSeries,
  type SeedResults,
} from './order-results'
import { NOT_KEPT, type Keeping } from './keeping'
import { keptOrder, shownOrder } from './order-run'
import { Pace } from './pace.svelte'
import { trainerJob } from './parts'
import { questionKey } from './question'
import { Task, type Outcome, type TaskRun, type TaskStatus } from './task.svelte'

/** Milliseconds between two pictures of a running measurement. */
const REFRESH = 120
/**
 * The set as it is measured and trained: the trainer's jobs one after the other, a seed each, so that they can be
 * followed and stopped as one. What was found stays until another set is begun. It has what JobBar shows of a job.
 */
export class OrderState {
  readonly #task = new Task()
  /** What is shown, and what it answers. */
  #shown = $state.raw<OrderQuestion | null>(null)
  #steps: OrderStep[] = []
  #current = $state.raw<OrderStep | null>(null)
  #seeds: SeedResults[] = []
  /** What a run that has begun will show with its first news; until then what was found before stays. */
  #next: { shown: OrderQuestion; seeds: SeedResults[] } | null = null
  /** Counts changes of #seeds. */
  #version = $state(0)
  #refresh: number | undefined
  #keeping = $state.raw<Keeping>(NOT_KEPT)
  #device: DeviceStatus | null = null
  /** How the results are looked at; here, so that a view that is left and opened again shows the same. */
  view = $state<'multiples' | 'overlay' | 'table'>('multiples')
  readonly #pace = new Pace<OrderStep['kind']>()

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
  get shown(): OrderQuestion | null {
    return this.#shown
  }

  /** The run that the picture belongs to. */
  get keeping(): Keeping {
    return this.#keeping
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
      message: capital(message),
      done,
      total,
      rate: own.rate,
      unit: own.unit,
      secondsLeft: this.#secondsLeft(step, own),
      ...(own.gpu && { gpu: own.gpu }),
    }
  })
  get progress(): ProgressEvent | null {
    return this.#progress
  }

  /** All series, in the set's order; empty before the first measurement. */
  #series = $derived.by<OrderSeries[]>(() => {
    void this.#version
    return this.#shown ? summarised(this.#seeds, this.#shown.experiment) : []
  })
  get series(): readonly OrderSeries[] {
    return this.#series
  }

  isStale(experiment: Experiment, order: OrderSettings): boolean {
    const [shown, asked] = [this.#shown, { experiment, order }]
    return shown !== null && !(isSameMeasurement(shown, asked) && isSameTraining(shown, asked))
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
    const seeds = experiments.map((_, seed) => emptySeed(isKept ? this.#seeds[seed] : undefined))
    this.#next = { shown: { experiment: experiments[0], order }, seeds }
    this.#keeping = NOT_KEPT
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
      if (!run.isDropped && this.#shown && this.#seeds === seeds)
        void this.#keep(experiment, finished, (performance.now() - begun) / 1000)
    }
  }

  /** As one run; the picture does not wait for the disk. */
  async #keep(experiment: Experiment, finished: boolean, seconds: number) {
    const [shown, device, seeds, series] = [this.#shown!, this.#device, this.#seeds, this.#series]
    const found = { experiment, shown, device, seeds, series, finished, seconds }
    const keeping = await keptOrder(this.connection, found)
    if (this.#seeds === seeds) this.#keeping = keeping
  }

  /** A set of the library, as it was found. */
  show(document: RunDocument): void {
    const { shown, seeds } = shownOrder(document)
    const { experiment, entry } = document
    const question = questionKey({ experiment, dependsOn: 'training', asks: shown.order })
    this.#task.finished(question, entry)
    this.#next = null
    this.#shown = shown
    this.#seeds = seeds
    this.#keeping = { run: entry.id, problem: null }
    this.#show()
  }

  /** Whether what is measured already stays, and is only trained. */
  #isKept(experiment: Experiment, order: OrderSettings): boolean {
    const shown = this.#shown
    if (!order.train || !shown || !isSameMeasurement(shown, { experiment, order })) return false
    return isMeasuredWhole(this.#seeds)
  }

  #stepsOf(experiment: Experiment, order: OrderSettings): OrderStep[] {
    const of = (kind: OrderStep['kind']) => stepsOf(kind, { experiment, order })
    return [...(this.#isKept(experiment, order) ? [] : of('signal')), ...(order.train ? of('train') : [])]
  }

  /** Whether the step was done to its end. */
  async #take(run: TaskRun, step: OrderStep, seed: SeedResults): Promise<boolean> {
    this.#current = step
    const begun = performance.now()
    const experiment = step.experiment as unknown as Record<string, unknown>
    const onEvent = this.#listener(step, seed)
    const job = async () => {
      if (step.kind === 'signal') {
        const body = { type: 'signal', experiment, keep: false } as const
        const measured = await trainerJob(run, this.connection, body, { onEvent })
        addSeconds(seed, measured.series)
        return measured
      }
      const reply = await trainerJob(
        run,
        this.connection,
        { type: 'train', experiment, keep: false },
        { onEvent },
      )
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
  #secondsLeft(step: OrderStep, own: ProgressEvent): number | null {
    if (own.secondsLeft === null || own.rate === null) return null
    const now = own.total / own.rate / step.weight
    const secondsOf = ({ kind, weight }: OrderStep) =>
      (kind === step.kind ? null : this.#pace.secondsFor(kind, weight)) ?? weight * now
    const waiting = this.#steps.slice(this.#steps.indexOf(step) + 1)
    return waiting.reduce((sum, one) => sum + secondsOf(one), own.secondsLeft)
  }

  #listener({ kind }: OrderStep, seed: SeedResults): (event: LabEvent) => void {
    const take = seedListener(kind, seed)
    return (event) => {
      if (event.type === 'started') {
        this.#device = event.device
        this.#adopt()
      }
      take(event)
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
}
