import * as path from 'node:path'
import { Worker } from 'node:worker_threads'
import { InputError } from '../../../shared/base/errors'
import type { DataTask, DataTasks } from './data-tasks'
import type { DataAnswer, DataQuestion } from './data-thread'

/** Does one of the tasks with samples. @throws InputError, or an Error that says what became of the thread */
export type DataWork = <N extends DataTask>(
  name: N,
  given: Parameters<DataTasks[N]>[0],
) => Promise<Awaited<ReturnType<DataTasks[N]>>>

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
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
      waiting.delete(answer.id)
      if ('value' in answer) return one?.resolve(answer.value)
      const { input, message } = answer.error
      one?.reject(input ? new InputError(...(input as [string, string, string])) : new Error(message))
    })
    // An idle thread keeps no program from ending.
    own.unref()
    return own
  }

  return {
    work: (name, given) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
        worker ??= begin()
        worker.postMessage({ id, name, given } satisfies DataQuestion)
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
  return new Error('It is too large for memory. Import a part of it, or as NPY.')
}
