import { byteProgress } from '../runtime/progress'
import { throwIfAborted, type InstallProgress } from '../runtime/types'

/** Who attends to long work with samples. */
export interface Attention {
  onProgress?: (progress: InstallProgress) => void
  signal?: AbortSignal
}

/** What takes no longer is not told of. */
const SHORT_MS = 500

/**
 * Bytes done of one stretch of the work, with rate and time left; others of this thread have their turn in between.
 * @param total bytes @returns what to call with the bytes of each piece @throws the abort's error
 */
export function attended(
  { onProgress = () => {}, signal }: Attention,
  message: string,
  total: number,
): (bytes: number) => Promise<void> {
  const report = byteProgress(onProgress, 'checking', message, total)
  const begin = Date.now()
  let done = 0
  return async (bytes) => {
    done += bytes
    if (Date.now() - begin >= SHORT_MS) report(done)
    await new Promise((resolve) => setImmediate(resolve))
    throwIfAborted(signal)
  }
}
