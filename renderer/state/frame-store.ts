/**
 * Frames of a training run. Beyond `limit` every other one is dropped, so that what is kept stays evenly spread; the
 * first and the newest are always there.
 */
export class FrameStore<T extends { step: number }> {
  #frames: T[] = []
  #stride = 1

  constructor(private readonly limit: number) {}

  get frames(): readonly T[] {
    return this.#frames
  }
  get length(): number {
    return this.#frames.length
  }
  get latest(): T | undefined {
    return this.#frames[this.#frames.length - 1]
  }

  push(frame: T): void {
    const previous = this.latest
    const isFirst = this.#frames.length <= 1
    // The newest frame may be between strides: the next one takes its place.
    if (previous && !isFirst && previous.step % this.#stride !== 0) this.#frames.pop()
    this.#frames.push(frame)
    while (this.#frames.length > this.limit) this.#thin()
  }

  #thin(): void {
    this.#stride *= 2
    const last = this.#frames.length - 1
    this.#frames = this.#frames.filter((frame, i) => i === 0 || i === last || frame.step % this.#stride === 0)
  }

  /** Index of the kept frame nearest to `step`. */
  indexNear(step: number): number {
    let best = 0
    this.#frames.forEach((frame, i) => {
      if (Math.abs(frame.step - step) < Math.abs(this.#frames[best].step - step)) best = i
    })
    return best
  }
}

const MOST_FRAMES = 600
/** Numbers kept in all frames together: 200 MB. */
const MOST_NUMBERS = 25e6

/** @param numbersPerFrame see `numbersOf` */
export function frameLimit(numbersPerFrame: number): number {
  return Math.max(3, Math.min(MOST_FRAMES, Math.floor(MOST_NUMBERS / Math.max(1, numbersPerFrame))))
}

interface FrameLike {
  series: readonly { q: { mean: readonly number[] } }[]
}

/** How many numbers a training frame holds: six summaries of four arrays for each series. */
export function numbersOf(frame: FrameLike): number {
  return frame.series.length * 24 * (frame.series[0]?.q.mean.length ?? 1)
}

/** Frames of two accounts of one training in the order of their steps, those of the second where both have one. */
export function joined<T extends { step: number }>(one: readonly T[], other: readonly T[]): T[] {
  const all = new Map([...one, ...other].map((frame) => [frame.step, frame]))
  return [...all.values()].sort((a, b) => a.step - b.step)
}
