import type { ProgressEvent } from '../../../shared/protocol/protocol'
import {
  installRuntime,
  type InstallProgress,
  type RuntimeOptions,
  type TensorFlowLibrary,
} from '../../runtime'

type Tell = (event: ProgressEvent) => void

export interface Installation {
  /** How far it is; null: none is under way. */
  readonly progress: ProgressEvent | null
  /**
   * Gets TensorFlow's library; where an installation is under way already, whoever asks waits for that one.
   * @param tell how far it is
   * @throws RuntimeError; an AbortError when it was cancelled
   */
  run(options: Pick<RuntimeOptions, 'force' | 'from'>, tell: Tell): Promise<TensorFlowLibrary>
  /** What was installed before stays as it is. */
  cancel(): void
}

/** The installations of one host: one at a time, and a page that is loaded again finds the one it began. */
export function createInstallation(runtime: RuntimeOptions): Installation {
  let library: Promise<TensorFlowLibrary> | null = null
  let progress: ProgressEvent | null = null
  let stop = new AbortController()
  const listeners = new Set<Tell>()

  async function begin(options: Pick<RuntimeOptions, 'force' | 'from'>): Promise<TensorFlowLibrary> {
    stop = new AbortController()
    const { signal } = stop
    const end = () => stop.abort()
    runtime.signal?.addEventListener('abort', end, { once: true })
    const onProgress = (now: InstallProgress) => {
      progress = progressEvent(now)
      for (const tell of listeners) tell(progress)
    }
    try {
      return await installRuntime({ ...runtime, ...options, signal, onProgress })
    } finally {
      runtime.signal?.removeEventListener('abort', end)
      listeners.clear()
      library = null
      progress = null
    }
  }

  return {
    get progress() {
      return progress
    },
    run(options, tell) {
      listeners.add(tell)
      progress ??= progressEvent({ stage: 'locating', message: 'Looking for TensorFlow’s library' })
      tell(progress)
      return (library ??= begin(options))
    },
    cancel: () => stop.abort(),
  }
}

function progressEvent(progress: InstallProgress): ProgressEvent {
  const { message, done = 0, total = 0, bytesPerSecond = null, secondsLeft = null } = progress
  return { type: 'progress', message, done, total, rate: bytesPerSecond, unit: 'bytes', secondsLeft }
}
