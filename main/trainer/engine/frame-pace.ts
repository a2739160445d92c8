/** Milliseconds between frames at least: the screen shows no more. */
const SHORTEST = 1000 / 15
/** Of the time of training, that frames may take. */
const SHARE = 0.05
/** Steps with a frame, and as many without, that tell what a frame costs now. */
const LATEST = 9
/** Frames, before which one slow step would tell too much. */
const FEWEST = 3

/**
 * When networks that train are looked at: as often as the screen can show it, and so rarely that the statistics of all
 * blocks, which a step without a frame need not compute, take a twentieth of the time at most.
 */
export class FramePace {
  private readonly with: number[] = []
  private readonly without: number[] = []
  private last = -Infinity

  /** @param now milliseconds of a clock */
  isDue(now: number): boolean {
    // Where each step takes longer than frames are apart, one without is needed to know what they cost.
    if (this.with.length && !this.without.length) return false
    return now - this.last >= Math.max(SHORTEST, this.cost / SHARE)
  }

  /** A step has been made. @param milliseconds that it took */
  took(milliseconds: number, hasFrame: boolean, now: number): void {
    const times = hasFrame ? this.with : this.without
    times.push(milliseconds)
    if (times.length > LATEST) times.shift()
    if (hasFrame) this.last = now
  }

  /** Milliseconds that a frame takes, by the shortest steps: what else the machine does makes steps only longer. */
  private get cost(): number {
    if (this.with.length < FEWEST) return 0
    return Math.max(0, Math.min(...this.with) - Math.min(...this.without))
  }
}
