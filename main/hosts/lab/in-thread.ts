import * as path from 'node:path'
import { Worker } from 'node:worker_threads'
import { InputError } from '../../../shared/base/errors'
import type { ThreadAnswer, ThreadTasks } from './thread'

/** What is being done, for whoever follows it. */
export const TASK_WORDS: Readonly<Record<keyof ThreadTasks, string>> = {
  theory: 'Working out theory',
  paths: 'Measuring paths',
  trainedPaths: 'Measuring paths',
  regions: 'Counting linear regions',
}

export interface ThreadOptions {
  /** Told after each network that is measured. */
  onNetwork?: () => void
  /** Told each part as soon as it is measured: the next of the answer's list. */
  onPart?: (value: unknown) => void
  /** Ends the task: its promise is then rejected with the signal's reason. */
  signal?: AbortSignal
}

/**
 * What a host computes itself, in a thread, so that it goes on hearing whoever asks.
 * @throws InputError
 */
export function inThread<N extends keyof ThreadTasks>(
  name: N,
  given: Parameters<ThreadTasks[N]>[0],
  { onNetwork = () => {}, onPart = () => {}, signal }: ThreadOptions = {},
): Promise<ReturnType<ThreadTasks[N]>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    // Beside the bundle of the host (electron.vite.config.ts).
    const worker = new Worker(path.join(__dirname, 'thread.cjs'), { workerData: { name, given } })
    const end = (settle: () => void) => {
      signal?.removeEventListener('abort', stop)
      settle()
      void worker.terminate()
    }
    const stop = () => end(() => reject(signal!.reason as Error))
    signal?.addEventListener('abort', stop)
    worker.on('error', (error) => end(() => reject(error)))
    worker.on('message', (answer: ThreadAnswer) => {
      switch (answer.type) {
        case 'network':
          return onNetwork()
        case 'part':
          return onPart(answer.value)
        case 'value':
          return end(() => resolve(answer.value as ReturnType<ThreadTasks[N]>))
        case 'error':
          return end(() => reject(errorOf(answer)))
      }
    })
  })
}

const errorOf = ({ input, message }: Extract<ThreadAnswer, { type: 'error' }>): Error =>
  input ? new InputError(...(input as [string, string, string])) : new Error(message)
