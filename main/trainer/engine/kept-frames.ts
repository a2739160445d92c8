import type { TrainFrame } from '../../../shared/protocol/jobs/train'

/** Frames that a result holds at most. */
const MOST_FRAMES = 200

/** The frames of a result: those at every so many evaluations, and the newest. */
export class KeptFrames {
  readonly frames: TrainFrame[] = []
  private readonly stride: number
  private seen = 0
  private lastIsBetween = false

  /** @param planned how many evaluations there will be at most */
  constructor(planned: number) {
    this.stride = Math.ceil(planned / (MOST_FRAMES - 1))
  }

  /** The frame at one more evaluation. */
  add(frame: TrainFrame): void {
    if (this.lastIsBetween) this.frames.pop()
    this.frames.push(frame)
    this.lastIsBetween = this.seen++ % this.stride !== 0
  }
}
