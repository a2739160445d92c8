import type { ProgressEvent } from '../../../shared/protocol/protocol'
import type { InstallProgress } from '../../runtime'

type Tell = (event: ProgressEvent) => void

/** Something that is got once, whoever asks for it. */
export interface SharedWork<Options, Result> {
  /** How far it is; null: it is not under way. */
  readonly progress: ProgressEvent | null
  /**
   * Begins it; where it is under way already, whoever asks waits for that one.
   * @param tell how far it is
   * @throws what the work throws; an AbortError when it was cancelled
   */
  run(options: Options, tell: Tell): Promise<Result>
  /** What was there before stays as it is. */
  cancel(): void
}

/**
 * One at a time, and a page that is loaded again finds what it began.
 * @param first what is told before the work tells anything
 * @param ended ends it with the laboratory
 */
export function createSharedWork<Options, Result>(
  work: (
    options: Options,
    signal: AbortSignal,
    onProgress: (now: InstallProgress) => void,
  ) => Promise<Result>,
  first: InstallProgress,
  ended?: AbortSignal,
): SharedWork<Options, Result> {
  let result: Promise<Result> | null = null
  let progress: ProgressEvent | null = null
  let stop = new AbortController()
  const listeners = new Set<Tell>()

  async function begin(options: Options): Promise<Result> {
    stop = new AbortController()
    const { signal } = stop
    const end = () => stop.abort()
    ended?.addEventListener('abort', end, { once: true })
    const onProgress = (now: InstallProgress) => {
      progress = progressEvent(now)
      for (const tell of listeners) tell(progress)
    }
    try {
      return await work(options, signal, onProgress)
    } finally {
      ended?.removeEventListener('abort', end)
      listeners.clear()
      result = null
      progress = null
    }
  }

  return {
    get progress() {
      return progress
    },
    run(options, tell) {
      listeners.add(tell)
      progress ??= progressEvent(first)
      tell(progress)
      return (result ??= begin(options))
    },
    cancel: () => stop.abort(),
  }
}

/** How far something is that is counted in bytes, for pages. */
export function progressEvent(progress: InstallProgress): ProgressEvent {
  const { message, done = 0, total = 0, bytesPerSecond = null, secondsLeft = null } = progress
  return { type: 'progress', message, done, total, rate: bytesPerSecond, unit: 'bytes', secondsLeft }
}
