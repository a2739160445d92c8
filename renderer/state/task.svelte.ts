import type { ProgressEvent } from '../../shared/protocol/protocol'
import { RequestError } from '../base/connection'
import { Pace } from './pace.svelte'

export type TaskStatus = 'idle' | 'running' | 'failed' | 'interrupted'
export type ControlAction = 'pause' | 'resume' | 'step'

/** How a run ended that did not fail. */
export interface Outcome {
  /** False: it was stopped on the way. */
  finished: boolean
  seconds: number
}

/** A run was ended on purpose, by the user or by a newer run: nothing has failed. */
export class Ended extends Error {
  override readonly name = 'Ended'
}

/** What a run waits for: a job of the trainer, or one of the page's worker. */
export interface Part<T> {
  result: Promise<T>
  /** Ends it early; what it has found by then may still come as its result. */
  end(): void
  control?(action: ControlAction): void
}

/**
 * One run as its own work sees it. The work needs no checks of its own: where the run has ended, `part` throws `Ended`.
 */
export class TaskRun {
  #isEnding = false
  #isDropped = false
  #wasControlled = false
  #part: Pick<Part<unknown>, 'end' | 'control'> | null = null

  /**
   * @param report shows how far the run is,
   * @param answers says that what is shown belongs to its question from now on
   */
  constructor(
    readonly report: (progress: ProgressEvent) => void,
    readonly answers: () => void,
  ) {}

  /** No further part begins. */
  get isEnding(): boolean {
    return this.#isEnding
  }
  /** What it still finds is for nobody. */
  get isDropped(): boolean {
    return this.#isDropped
  }

  /** @throws Ended where the run ends before the part or is dropped during it, and whatever the part fails with */
  async part<T>(begin: () => Part<T>): Promise<T> {
    if (this.#isEnding) throw new Ended()
    const part = begin()
    this.#part = part
    try {
      const value = await part.result
      if (this.#isDropped) throw new Ended()
      return value
    } finally {
      this.#part = null
    }
  }

  /** The part under way may go on to its end, but it is the last. */
  finishPart(): void {
    this.#isEnding = true
  }

  /** Ends the part under way; what it has found by then counts. */
  stop(): void {
    this.#isEnding = true
    this.#part?.end()
  }

  drop(): void {
    this.#isDropped = true
    this.stop()
  }

  /** Whether it was paused or went on step by step. */
  get wasControlled(): boolean {
    return this.#wasControlled
  }
  control(action: ControlAction): void {
    this.#wasControlled = true
    this.#part?.control?.(action)
  }
}

type Work = (run: TaskRun) => Promise<Outcome | void>

/** What a run is expected to cost, see `cost.ts`. Runs of one kind tell how long the next of their kind takes. */
export interface Expected {
  cost: number
  kind: string
}

const expected = (cost: number | Expected): Expected =>
  typeof cost === 'number' ? { cost, kind: 'run' } : cost

/**
 * Something that the workbench works out, run after run: the one mechanism under every measurement, training and
 * drawing.
 * A newer run supersedes the older, which ends first and whose findings are dropped; a stop keeps what has been found.
 * What was found before stays until there is something newer. Where the work is done, and in how many parts, is the
 * work's own business.
 */
export class Task {
  #status = $state<TaskStatus>('idle')
  #progress = $state.raw<ProgressEvent | null>(null)
  #error = $state.raw<Error | null>(null)
  #outcome = $state.raw<Outcome | null>(null)
  #wasStopped = $state(false)
  #isPaused = $state(false)
  #asked = $state.raw<string | null>(null)
  #answered = $state.raw<string | null>(null)
  readonly #pace = new Pace()
  /** Counts runs that were asked for: only the newest may say how the task stands. */
  #generation = 0
  #current: { run: TaskRun; generation: number; settled: Promise<void> } | null = null
  #patience: ReturnType<typeof setTimeout> | undefined

  /**
   * @param patienceMs how long a superseded run may take to finish its part; what that part finds then counts until
   * there is newer
   */
  constructor(private readonly patienceMs = 0) {}

  get status(): TaskStatus {
    return this.#status
  }
  get isRunning(): boolean {
    return this.#status === 'running'
  }
  get progress(): ProgressEvent | null {
    return this.#progress
  }
  /** Why the newest run failed or was interrupted. */
  get error(): Error | null {
    return this.#error
  }
  /** How the newest run ended that did not fail; null before the first. */
  get outcome(): Outcome | null {
    return this.#outcome
  }
  /** Whether the user has stopped the newest run. */
  get wasStopped(): boolean {
    return this.#wasStopped
  }
  /** Whether the run that is under way waits for the user. */
  get isPaused(): boolean {
    return this.isRunning && this.#isPaused
  }
  /** Whether anything has been asked for. */
  get isAsked(): boolean {
    return this.#asked !== null
  }

  /** Whether this question (see `questionKey`) is the newest that was asked, answered by now or not. */
  asks(question: string): boolean {
    return this.#asked === question
  }
  /** Whether what has been found answers this question. */
  answers(question: string): boolean {
    return this.#answered === question
  }
  /** Seconds that such a run takes, as fast as the newest of its kind was; null: none was finished yet. */
  secondsFor(cost: number | Expected): number | null {
    const { kind, cost: own } = expected(cost)
    return this.#pace.secondsFor(kind, own)
  }

  /**
   * Begins a run; an older one ends first. Resolves when this run has ended, however it did; `error` then says why it
   * failed.
   * @param question names what the run answers, see `questionKey`
   * @param cost of the run, see `cost.ts`: from it and the time it takes comes the estimate for the next
   */
  async start(question: string, work: Work, cost: number | Expected | null = null): Promise<void> {
    const generation = ++this.#generation
    this.#status = 'running'
    this.#error = null
    this.#progress = null
    this.#wasStopped = false
    this.#isPaused = false
    this.#asked = question
    if (this.#current) {
      this.#supersede(this.#current.run)
      await this.#current.settled
      if (generation !== this.#generation) return
    }
    const run = new TaskRun(
      (progress) => generation === this.#generation && (this.#progress = progress),
      () => (this.#answered = question),
    )
    const current = { run, generation, settled: Promise.resolve() }
    this.#current = current
    current.settled = this.#follow(current, question, work, cost)
    return current.settled
  }

  /** Ends the run; what it has found by then stays. */
  stop(): void {
    if (!this.isRunning) return
    this.#wasStopped = true
    if (this.#current?.generation === this.#generation) return this.#current.run.stop()
    // It still waits for the end of an older run, and never begins.
    this.#generation++
    this.#status = 'idle'
  }

  /** Ends the run and drops what it finds: the question is taken back. */
  cancel(): void {
    this.#generation++
    this.#current?.run.drop()
    this.#status = 'idle'
    this.#progress = null
    this.#error = null
    this.#wasStopped = false
    this.#asked = null
  }

  /** What is shown from now on is no work of this task, but answers the question all the same: a run of the library. */
  finished(question: string, { state, seconds }: { state: string; seconds: number }): void {
    this.cancel()
    this.#asked = question
    this.#answered = question
    this.#outcome = { finished: state === 'finished', seconds }
  }

  /** A step, too, leaves the run paused. */
  control(action: ControlAction): void {
    if (!this.isRunning) return
    this.#isPaused = action !== 'resume'
    this.#current?.run.control(action)
  }

  /** What the last run failed of is known; what was found stays. */
  dismissError(): void {
    if (!this.#error) return
    this.#error = null
    this.#status = 'idle'
  }

  #supersede(run: TaskRun) {
    clearTimeout(this.#patience)
    if (this.patienceMs === 0) return run.drop()
    run.finishPart()
    this.#patience = setTimeout(() => run.drop(), this.patienceMs)
  }

  async #follow(
    { run, generation }: { run: TaskRun; generation: number },
    question: string,
    work: Work,
    cost: number | Expected | null,
  ) {
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    let outcome: Outcome | null = null
    let error: Error | null = null
    try {
      outcome = (await work(run)) ?? { finished: true, seconds: seconds() }
      if (!run.isDropped) this.#answered = question
    } catch (thrown) {
      if (thrown instanceof Ended) outcome = { finished: false, seconds: seconds() }
      else error = thrown as Error
    }
    if (this.#current?.run === run) this.#current = null
    if (generation !== this.#generation) return
    clearTimeout(this.#patience)
    this.#progress = null
    this.#error = error
    if (outcome) this.#outcome = outcome
    // A pause is no time of the work's own.
    if (outcome?.finished && cost !== null && !run.wasControlled)
      this.#pace.learn(expected(cost).kind, outcome.seconds, expected(cost).cost)
    const isInterrupted = error instanceof RequestError && error.reason === 'interrupted'
    this.#status = !error ? 'idle' : isInterrupted ? 'interrupted' : 'failed'
  }
}
