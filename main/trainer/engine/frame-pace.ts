import { summarisePoint } from '../../../shared/numerics/statistics'

/** Milliseconds between frames at least: the screen shows no more. */
const SHORTEST = 1000 / 15
/** Of the time of training, that frames may take. */
const SHARE = 0.05
/** Frames that tell what one costs now. */
const LATEST = 25
/** Frames before which one slow step would tell too much. */
const FEWEST = 3

/**
 * When networks that train are looked at: as often as the screen can show it, and so rarely that the statistics of all
 * blocks, which a step without a frame need not compute, take a twentieth of the time at most.
 */
export class FramePace {
  /** How much longer steps with a frame took than those since the frame before: a machine slows down and speeds up. */
  private readonly costs: number[] = []
  /** Of the steps since the last frame. */
  private without: number[] = []
  private last = -Infinity

  /** @param now milliseconds of a clock */
  isDue(now: number): boolean {
    // Where each step takes longer than frames are apart, one without is needed to know what they cost.
    return this.without.length > 0 && now - this.last >= Math.max(SHORTEST, this.cost / SHARE)
  }

  /** A step has been made. @param milliseconds that it took @param now when it began */
  took(milliseconds: number, hasFrame: boolean, now: number): void {
    if (!hasFrame) return void this.without.push(milliseconds)
    this.last = now
    if (!this.without.length) return
    this.costs.push(milliseconds - summarisePoint(this.without).median)
    if (this.costs.length > LATEST) this.costs.shift()
    this.without = []
  }

  /** Milliseconds that a frame takes; 0 before it is known. */
  private get cost(): number {
    return this.costs.length < FEWEST ? 0 : Math.max(0, summarisePoint(this.costs).median)
  }
}
