import type { TrainFrame } from '../../../shared/protocol/jobs/train'

/** Frames that a result holds at most. */
const MOST_FRAMES = 200

/** What decides about later frames. */
export interface KeptFramesState {
  frames: TrainFrame[]
  /** Frames that there have been. */
  seen: number
  /** Whether the last one goes when the next one comes. */
  lastIsBetween: boolean
}

/** The frames of a result: those at every so many evaluations, and the newest. */
export class KeptFrames {
  readonly frames: TrainFrame[]
  private readonly stride: number
  private seen: number
  private lastIsBetween: boolean

  /** @param planned how many evaluations there will be at most @param before what was kept already */
  constructor(planned: number, before: KeptFramesState = { frames: [], seen: 0, lastIsBetween: false }) {
    this.frames = [...before.frames]
    this.seen = before.seen
    this.lastIsBetween = before.lastIsBetween
    this.stride = Math.ceil(planned / (MOST_FRAMES - 1))
  }

  get state(): KeptFramesState {
    return { frames: [...this.frames], seen: this.seen, lastIsBetween: this.lastIsBetween }
  }

  /** The frame at one more evaluation. */
  add(frame: TrainFrame): void {
    if (this.lastIsBetween) this.frames.pop()
    this.frames.push(frame)
    this.lastIsBetween = this.seen++ % this.stride !== 0
  }
}
