import * as path from 'node:path'
import { Worker } from 'node:worker_threads'
import { InputError } from '../../../shared/base/errors'
import { Progress } from '../../trainer/engine/progress'
import { Stopped, clearProgress, showProgress } from './job'
import type { ThreadAnswer, ThreadTasks } from './thread'

/**
 * What the command computes itself, in a thread, so that Ctrl+C is heard; progress goes to standard error.
 * @param networks how many the task measures; 0: it tells of none
 * @throws InputError, Stopped
 */
export function inThread<N extends keyof ThreadTasks>(
  name: N,
  given: Parameters<ThreadTasks[N]>[0],
  networks = 0,
): Promise<ReturnType<ThreadTasks[N]>> {
  const progress = new Progress(networks, 'networks', showProgress)
  return new Promise((resolve, reject) => {
    // Beside the bundle of the command (electron.vite.config.ts).
    const worker = new Worker(path.join(__dirname, 'thread.cjs'), { workerData: { name, given } })
    const end = (settle: () => void) => {
      process.off('SIGINT', stop)
      clearProgress()
      settle()
      void worker.terminate()
    }
    const stop = () => end(() => reject(new Stopped()))
    process.on('SIGINT', stop)
    worker.on('error', (error) => end(() => reject(error)))
    worker.on('message', (answer: ThreadAnswer) => {
      switch (answer.type) {
        case 'network':
          return progress.tick('Measuring paths')
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
