import { expect, test } from 'vitest'
import { Worker } from 'node:worker_threads'
import { Stopped, takeTurn, command, createControl, isPaused } from '../../main/trainer/engine/control'

test('a running job gets its turn; a stopped one ends, for good', async () => {
  const control = createControl()
  await takeTurn(control)
  command(control, 'stop')
  await expect(takeTurn(control)).rejects.toThrow(Stopped)
  command(control, 'resume')
  await expect(takeTurn(control)).rejects.toThrow(Stopped)
})

test('a step lets exactly one unit of work through', async () => {
  const control = createControl()
  command(control, 'step')
  expect(isPaused(control)).toBe(true)
  await takeTurn(control)
  const release = new Worker(
    `const { workerData } = require('worker_threads'); const cells = new Int32Array(workerData)
     setTimeout(() => { Atomics.store(cells, 0, 2); Atomics.notify(cells, 0) }, 100)`,
    { eval: true, workerData: control },
  )
  // The second turn waits until another thread stops the job.
  await expect(takeTurn(control)).rejects.toThrow(Stopped)
  return release.terminate()
})
