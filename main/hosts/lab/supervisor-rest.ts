import type { MemoryReport } from '../../../shared/protocol/protocol'

export interface RestOptions {
  /** How long nothing is computed before the trainer is asked what it holds. */
  idleMs?: number
  /** What a resting trainer may hold beyond what it held when it was ready; what its library takes is no waste. */
  idleBytes?: number
}

interface Actions {
  /** Asks the trainer for a report. */
  ask(): void
  /** Called when it holds too much. */
  recycle(): void
}

/**
 * Notices a trainer that computes nothing and holds gigabytes: TensorFlow and V8 keep what they once needed, and
 * only the end of a process surely gives it back.
 */
export function createRest(
  { idleMs = 60_000, idleBytes = 2 * 2 ** 30 }: RestOptions,
  { ask, recycle }: Actions,
) {
  let timer: NodeJS.Timeout | undefined
  let held: number | null = null
  const busy = () => clearTimeout(timer)
  return {
    busy,
    /** Nothing has been asked for any more, as of now. */
    idle() {
      busy()
      timer = setTimeout(ask, idleMs)
      timer.unref()
    },
    /** A new process is ready. */
    ready() {
      busy()
      held = null
      ask()
    },
    /** @param isIdle whether nothing is asked for */
    heard({ bytes, isBusy }: MemoryReport, isIdle: boolean) {
      if (held === null) held = bytes
      else if (isIdle && !isBusy && bytes - held > idleBytes) recycle()
    },
  }
}
