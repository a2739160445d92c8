import type { ProgressEvent } from '../../../shared/protocol/protocol'
import type { Priority } from '../../../shared/queue/entry'
import type { ScreenPoint, ScreenSweep } from '../../../shared/sweep/screen-plan'
import { sweepCost } from '../../state/cost'
import type { Lab } from '../../state/lab.svelte'
import { queueWaitWords } from '../../state/queue-words'
import { TrainRun } from '../../state/train-run.svelte'
import type { SweepRun } from '../../state/sweep-run.svelte'

const LEAST_SECONDS = 1

/** The sweep as an entry of the queue, which the host works off whether this page is open or not. */
export class SweepJob {
  /** The entry that this page has seen begin, and how it ended. */
  #seen = $state.raw<{ entry: string; begun: number; cost: number; seconds: number | null } | null>(null)

  /** @param left the points that the library does not hold */
  constructor(
    private readonly lab: Lab,
    private readonly run: () => SweepRun,
    private readonly asked: () => { plan: ScreenSweep | null; left: readonly ScreenPoint[] },
  ) {}

  /** The one that is to be done, else the one that ended last; null: none is in the queue. */
  readonly entry = $derived.by(() => {
    const { plan } = this.asked()
    return plan && this.lab.queue.ofSweep(plan.id)
  })
  readonly #own = $derived.by(() => {
    const { progress } = this.lab.queue
    return this.entry && progress?.entry === this.entry.id ? progress : null
  })
  /** Waits, or is done now. */
  readonly isRunning = $derived(this.entry?.state === 'waiting' || this.entry?.state === 'running')
  /** Key of the point under way. */
  readonly current = $derived(this.isRunning ? (this.#own?.point ?? null) : null)

  readonly progress = $derived.by((): ProgressEvent | null => {
    if (!this.entry || !this.isRunning) return null
    if (this.#own && this.entry.state === 'running') return this.#own.event
    const { plan, left } = this.asked()
    const total = plan?.points.length ?? 1
    const message = queueWaitWords(this.lab.queue, this.entry)
    return {
      type: 'progress',
      message,
      done: total - left.length,
      total,
      unit: '',
      rate: null,
      secondsLeft: null,
    }
  })

  readonly status = $derived(
    this.isRunning
      ? ('running' as const)
      : this.entry?.state === 'failed'
        ? ('failed' as const)
        : ('idle' as const),
  )
  readonly error = $derived(this.entry?.state === 'failed' ? new Error(this.entry.reason ?? '') : null)
  readonly outcome = $derived.by(() => {
    const seen = this.#seen
    if (!seen || seen.seconds === null || seen.entry !== this.entry?.id) return null
    return { finished: this.entry.state === 'done', seconds: seen.seconds }
  })

  /** Why a point has no result. */
  problem(key: string): string | null {
    return this.entry?.problems.find((one) => one.key === key)?.words ?? null
  }

  /** Seconds that what is left takes, as fast as the newest sweep was; null where none was seen yet. */
  readonly seconds = $derived.by(() => {
    const { plan, left } = this.asked()
    return plan && left.length ? this.run().pace.secondsFor(plan.command, costOf(plan.command, left)) : null
  })

  /**
   * Before a sweep was seen: seconds at the speed of the newest measurement, or training, that this page has seen.
   * Null where there was none, and where so little is left that beginning each point takes longer than its networks.
   */
  readonly secondsAtLastSpeed = $derived.by(() => {
    const { plan, left } = this.asked()
    if (!plan || this.seconds !== null) return null
    const { lab } = this
    const seconds = left.map(({ experiment }) =>
      plan.command === 'train'
        ? lab.stateOf(TrainRun).secondsFor(experiment)
        : lab.run.secondsFor(experiment),
    )
    const sum = seconds.reduce<number>((so, one) => so + (one ?? NaN), 0)
    return sum >= LEAST_SECONDS ? sum : null
  })

  async start(priority: Priority): Promise<void> {
    const experiment = this.lab.experiment.document as unknown as Record<string, unknown>
    await this.lab.queue.add({ kind: 'sweep', experiment, name: null }, { priority, isSaid: false })
  }

  stop(): void {
    if (this.entry && this.isRunning) void this.lab.queue.pause(this.entry.id)
  }

  /** Takes note of when the entry begins and ends; to be called whenever it is another. */
  follow(): void {
    const { entry } = this
    const { plan, left } = this.asked()
    const seen = this.#seen
    if (!entry || !plan) return
    if (entry.state === 'running') {
      if (seen?.entry === entry.id && seen.seconds === null) return
      const cost = costOf(plan.command, left)
      this.#seen = { entry: entry.id, begun: performance.now(), cost, seconds: null }
    } else if (seen?.entry === entry.id && seen.seconds === null && entry.state !== 'waiting') {
      const seconds = (performance.now() - seen.begun) / 1000
      this.#seen = { ...seen, seconds }
      if (entry.state === 'done') this.run().pace.learn(plan.command, seconds, seen.cost)
    }
  }
}

const costOf = (command: ScreenSweep['command'], points: readonly ScreenPoint[]) =>
  sweepCost(
    command,
    points.map(({ experiment }) => experiment),
  )
