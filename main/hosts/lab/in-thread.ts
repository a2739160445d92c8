import * as path from 'node:path'
import { Worker } from 'node:worker_threads'
import { InputError } from '../../../shared/base/errors'
import type { ProgressEvent } from '../../../shared/protocol/protocol'
import type { ThreadAnswer, ThreadTasks } from './thread'

/** What is being done, for whoever counts the networks of it. */
export const TASK_WORDS: Readonly<Record<CountingTask, string>> = {
  theory: 'Working out theory',
  paths: 'Measuring paths',
  trainedPaths: 'Measuring paths',
  regions: 'Counting linear regions',
}

/** Those that tell of each network. */
export type CountingTask = Exclude<
  keyof ThreadTasks,
  'export' | 'exportSize' | 'runFile' | 'importLook' | 'importWeights'
>

export type ThreadTask = keyof ThreadTasks
export type ThreadGiven<N extends ThreadTask> = Parameters<ThreadTasks[N]>[0]
export type ThreadValue<N extends ThreadTask> = Awaited<ReturnType<ThreadTasks[N]>>

export interface ThreadOptions {
  /** Told after each network that is measured. */
  onNetwork?: () => void
  /** Told each part as soon as it is measured: the next of the answer's list. */
  onPart?: (value: unknown) => void
  /** Told how far the task is, where it says so itself. */
  onProgress?: (event: ProgressEvent) => void
  /** Ends the task: its promise is then rejected with the signal's reason. */
  signal?: AbortSignal
  /** Where the thread's bundle lies; left out: beside the bundle of the host (electron.vite.config.ts). */
  folder?: string
}

/**
 * What a host computes itself, in a thread, so that it goes on hearing whoever asks.
 * @throws InputError
 */
export function inThread<N extends ThreadTask>(
  name: N,
  given: ThreadGiven<N>,
  { onNetwork, onPart, onProgress, signal, folder = __dirname }: ThreadOptions = {},
): Promise<ThreadValue<N>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const worker = new Worker(path.join(folder, 'thread.cjs'), { workerData: { name, given } })
    // Nothing is done by the thread after that, to files either.
    const end = (settle: () => void) => {
      signal?.removeEventListener('abort', stop)
      void worker.terminate().then(settle)
    }
    const stop = () => end(() => reject(signal!.reason as Error))
    signal?.addEventListener('abort', stop)
    worker.on('error', (error) => end(() => reject(error)))
    worker.on('message', (answer: ThreadAnswer) => {
      switch (answer.type) {
        case 'network':
          return onNetwork?.()
        case 'part':
          return onPart?.(answer.value)
        case 'progress':
          return onProgress?.(answer.event)
        case 'value':
          return end(() => resolve(answer.value as ThreadValue<N>))
        case 'error':
          return end(() => reject(errorOf(answer)))
      }
    })
  })
}

const errorOf = ({ input, message }: Extract<ThreadAnswer, { type: 'error' }>): Error =>
  input ? new InputError(...(input as [string, string, string])) : new Error(message)
