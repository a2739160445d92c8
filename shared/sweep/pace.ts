import { formatDuration, formatNumber } from '../base/format'

/** How many points tell the speed: later ones may cost more than the first. */
const RECENT = 10

/** How fast the points of a sweep are done of late. */
export class SweepPace {
  readonly #recent: number[] = []
  #done = 0

  /** @param total points to be done */
  constructor(private readonly total: number) {}

  /** One more is done, in so many seconds. */
  tick(seconds: number): void {
    this.#recent.push(seconds)
    if (this.#recent.length > RECENT) this.#recent.shift()
    this.#done++
  }

  /** Points a second; null before the first is done. */
  get rate(): number | null {
    const seconds = this.#recent.reduce((sum, one) => sum + one, 0)
    return seconds > 0 ? this.#recent.length / seconds : null
  }

  /** How long the others take at that. */
  get secondsLeft(): number | null {
    return this.rate === null ? null : (this.total - this.#done) / this.rate
  }

  /** "; 12 a minute, about 40 s left"; empty before the first and after the last. */
  get words(): string {
    const { rate, secondsLeft } = this
    if (rate === null || !secondsLeft) return ''
    return `; ${formatNumber(60 * rate)} a minute, about ${formatDuration(secondsLeft)} left`
  }
}
