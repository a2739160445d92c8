import * as path from 'node:path'
import { Worker } from 'node:worker_threads'
import { InputError } from '../../../shared/base/errors'
import type { Attention } from '../../data/attention'
import { removeImported } from '../../data/leftovers'
import { abortError } from '../../runtime/types'
import type { DataTask, DataTasks } from './data-tasks'
import type { DataAnswer, DataQuestion } from './data-thread'

/**
 * Does one of the tasks with samples; reading a file tells how far it is, and can be cancelled.
 * @throws InputError, the abort's error, or an Error that says what became of the thread
 */
export type DataWork = <N extends DataTask>(
  name: N,
  given: Parameters<DataTasks[N]>[0],
  attention?: Attention,
) => Promise<Awaited<ReturnType<DataTasks[N]>>>

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
  onProgress: Attention['onProgress']
}

/** The thread that works with samples: begun when it is needed, and anew where it has ended. */
export function createDataWork(folder: string): { work: DataWork; close(): void } {
  let worker: Worker | null = null
  let last = 0
  const waiting = new Map<number, Waiting>()

  function end(error: Error) {
    worker = null
    const all = [...waiting.values()]
    waiting.clear()
    removeImported(path.join(folder, 'data'))
    all.forEach(({ reject }) => reject(error))
  }

  function begin(): Worker {
    // Beside the bundle of the host (electron.vite.config.ts).
    const own = new Worker(path.join(__dirname, 'data-thread.cjs'), { workerData: { folder } })
    const isOwn = () => own === worker
    own.on('error', (error) => isOwn() && end(explained(error)))
    own.on('exit', () => isOwn() && end(new Error('What reads data sets has ended. Try again.')))
    own.on('message', (answer: DataAnswer) => {
      const one = waiting.get(answer.id)
      if ('progress' in answer) return one?.onProgress?.(answer.progress)
      waiting.delete(answer.id)
      if ('value' in answer) return one?.resolve(answer.value)
      const { input, message, isAbort } = answer.error
      if (isAbort) return one?.reject(abortError())
      one?.reject(input ? new InputError(...(input as [string, string, string])) : new Error(message))
    })
    // An idle thread keeps no program from ending.
    own.unref()
    return own
  }

  return {
    work: (name, given, { onProgress, signal } = {}) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, onProgress })
        const own = (worker ??= begin())
        own.postMessage({ id, name, given } satisfies DataQuestion)
        const cancel = () => own.postMessage({ id, cancelled: true } satisfies DataQuestion)
        if (signal?.aborted) cancel()
        else signal?.addEventListener('abort', cancel, { once: true })
      }),
    close() {
      const own = worker
      end(new Error('The laboratory is being closed.'))
      void own?.terminate()
    },
  }
}

function explained(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return error
  return new Error('It is too large for memory. Import it unpacked, as CSV or NPY, or a part of it.')
}
