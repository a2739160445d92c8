/**
 * A thread beside a host that reads, counts and hands out samples; it lives as long as the host, and holds the data set
 * that was asked for last. One answer to each question.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { InputError, messageOf } from '../../../shared/base/errors'
import { createDataTasks, type DataTask } from './data-tasks'

export interface DataQuestion {
  id: number
  name: DataTask
  given: unknown
}

export type DataAnswer = { id: number } & (
  { value: unknown } | { error: { input: string[] | null; message: string } }
)

const tasks = createDataTasks((workerData as { folder: string }).folder)

async function answer({ id, name, given }: DataQuestion): Promise<DataAnswer> {
  try {
    return { id, value: await (tasks[name] as (given: unknown) => unknown)(given) }
  } catch (error) {
    const input = error instanceof InputError ? [error.where, error.what, error.hint] : null
    return { id, error: { input, message: messageOf(error) } }
  }
}

parentPort!.on('message', (question: DataQuestion) => {
  void answer(question).then((found) => parentPort!.postMessage(found))
})
