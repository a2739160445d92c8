import { messageOf } from '../../shared/base/errors'
import { TASKS, type TaskName } from './tasks'

/**
 * Runs in a worker thread of the page. A message asks for one task; exactly one answers it, after any number of
 * reports.
 */
addEventListener('message', (event: MessageEvent<{ id: number; name: TaskName; argument: unknown }>) => {
  const { id, name, argument } = event.data
  const task = TASKS[name] as (argument: unknown, report: (value: unknown) => void) => unknown
  const run = async () => task(argument, (report) => postMessage({ id, report }))
  run().then(
    (value) => postMessage({ id, value }),
    (error: unknown) => postMessage({ id, error: messageOf(error) }),
  )
})
