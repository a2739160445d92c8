import type { ProgressEvent } from '../../../shared/protocol/protocol'
import { takeTurn, takeTurnNow, isPaused, type ControlBuffer } from './control'

const INTERVAL_MS = 100

/** Progress at screen rate, with rate and time left from the work done so far; time spent paused does not count. */
export class Progress {
  private done: number
  private lastSent: number
  private elapsed = 0
  private lastTick = performance.now()

  constructor(
    private readonly total: number,
    private readonly unit: string,
    private readonly emit: (event: ProgressEvent) => void,
    /** Done before, by another process. */
    private readonly before = 0,
    /** What comes before the work itself is told only where it takes its time. */
    private readonly isBeside = false,
  ) {
    this.done = before
    this.lastSent = isBeside ? performance.now() : -Infinity
  }

  /** One more unit is done, or several. */
  tick(message: string, count = 1): void {
    const now = performance.now()
    this.elapsed += now - this.lastTick
    this.lastTick = now
    this.done += count
    if (now - this.lastSent < INTERVAL_MS && (this.isBeside || this.done < this.total)) return
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

/** What comes beside the work is left in between only where it is long. */
const TURN_UNITS = 256

/**
 * For what comes beside the work itself: to be called after each of its units. It tells how far it is where it takes
 * its time, and waits while the job is paused after every so many.
 * @param message of so many units that are done @param control null: it goes on to its end
 * @throws Stopped
 */
export function telling(
  total: number,
  unit: string,
  message: (done: number) => string,
  emit: (event: ProgressEvent) => void,
  control: ControlBuffer | null,
): () => void {
  const progress = new Progress(total, unit, emit, 0, true)
  let done = 0
  return () => {
    progress.tick(message(++done))
    if (control && done % TURN_UNITS === 0) waitForTurnNow({ control, progress })
  }
}
