/**
 * A thread beside a host that reads, counts and hands out samples; it lives as long as the host, and holds the data set
 * that was asked for last. One answer to each question, after what is said of how far it is.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { InputError, messageOf } from '../../../shared/base/errors'
import type { Attention } from '../../data/attention'
import type { InstallProgress } from '../../runtime'
import { isAbort } from '../../runtime/types'
import { createDataTasks, type DataTask } from './data-tasks'

/** What is asked, or that it is not wanted any more. */
export type DataQuestion = { id: number } & ({ name: DataTask; given: unknown } | { cancelled: true })

/** How far it is, or what it came to. */
export type DataAnswer = { id: number } & (
  | { progress: InstallProgress }
  | { value: unknown }
  | { error: { input: string[] | null; message: string; isAbort: boolean } }
)

type Task = (given: unknown, attention: Attention) => unknown

const tasks = createDataTasks((workerData as { folder: string }).folder)

const tell = (answer: DataAnswer) => parentPort!.postMessage(answer)
const underWay = new Map<number, AbortController>()

async function answer(id: number, name: DataTask, given: unknown): Promise<DataAnswer> {
  const stop = new AbortController()
  underWay.set(id, stop)
  const onProgress = (progress: InstallProgress) => tell({ id, progress })
  try {
    return { id, value: await (tasks[name] as Task)(given, { signal: stop.signal, onProgress }) }
  } catch (error) {
    const input = error instanceof InputError ? [error.where, error.what, error.hint] : null
    return { id, error: { input, message: messageOf(error), isAbort: isAbort(error) } }
  } finally {
    underWay.delete(id)
  }
}

parentPort!.on('message', (question: DataQuestion) => {
  if ('cancelled' in question) return underWay.get(question.id)?.abort()
  void answer(question.id, question.name, question.given).then(tell)
})
