import type { ProgressEvent } from '../../../shared/protocol/protocol'
import { takeTurn, takeTurnNow, isPaused, type ControlBuffer } from './control'

const INTERVAL_MS = 100

/** Progress at screen rate, with rate and time left from the work done so far; time spent paused does not count. */
export class Progress {
  private done: number
  private lastSent = -Infinity
  private elapsed = 0
  private lastTick = performance.now()

  constructor(
    private readonly total: number,
    private readonly unit: string,
    private readonly emit: (event: ProgressEvent) => void,
    /** Done before, by another process. */
    private readonly before = 0,
  ) {
    this.done = before
  }

  /** One more unit is done, or several. */
  tick(message: string, count = 1): void {
    const now = performance.now()
    this.elapsed += now - this.lastTick
    this.lastTick = now
    this.done += count
    if (now - this.lastSent < INTERVAL_MS && this.done < this.total) return
    this.send(message)
  }

  /** What is being done besides; no unit. */
  say(message: string): void {
    if (performance.now() - this.lastSent >= INTERVAL_MS) this.send(message)
  }

  private send(message: string): void {
    this.lastSent = performance.now()
    const rate = this.elapsed > 0 ? (1000 * (this.done - this.before)) / this.elapsed : null
    const secondsLeft = rate ? (this.total - this.done) / rate : null
    this.emit({
      type: 'progress',
      message,
      done: this.done,
      total: this.total,
      rate,
      unit: this.unit,
      secondsLeft,
    })
  }

  /** The time until now was a pause. */
  skipTime(): void {
    this.lastTick = performance.now()
  }
}

interface Turn {
  control: ControlBuffer
  progress: Progress
}

/** Waits while the job is paused. @throws Stopped */
export async function waitForTurn({ control, progress }: Turn): Promise<void> {
  const paused = isPaused(control)
  await takeTurn(control)
  if (paused) progress.skipTime()
}

/** As `waitForTurn`, for work that cannot be left in between (`takeTurnNow`). @throws Stopped */
export function waitForTurnNow({ control, progress }: Turn): void {
  const paused = isPaused(control)
  takeTurnNow(control)
  if (paused) progress.skipTime()
}
