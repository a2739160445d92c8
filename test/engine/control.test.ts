import { expect, test } from 'vitest'
import { Worker } from 'node:worker_threads'
import { Stopped, takeTurn, command, createControl, isPaused } from '../../main/trainer/engine/control'

test('a running job gets its turn; a stopped one ends, for good', () => {
  const control = createControl()
  takeTurn(control)
  command(control, 'stop')
  expect(() => takeTurn(control)).toThrow(Stopped)
  command(control, 'resume')
  expect(() => takeTurn(control)).toThrow(Stopped)
})

test('a step lets exactly one unit of work through', () => {
  const control = createControl()
  command(control, 'step')
  expect(isPaused(control)).toBe(true)
  takeTurn(control)
  const release = new Worker(
    `const { workerData } = require('worker_threads'); const cells = new Int32Array(workerData)
     setTimeout(() => { Atomics.store(cells, 0, 2); Atomics.notify(cells, 0) }, 100)`,
    { eval: true, workerData: control },
  )
  // The second turn waits until another thread stops the job.
  expect(() => takeTurn(control)).toThrow(Stopped)
  return release.terminate()
})
