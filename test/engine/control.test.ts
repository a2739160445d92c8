import { expect, test } from 'vitest'
import { Worker } from 'node:worker_threads'
import { Stopped, checkpoint, command, createControl, isPaused } from '../../main/trainer/engine/control'

test('a running job passes its checkpoints; a stopped one ends, for good', () => {
  const control = createControl()
  checkpoint(control)
  command(control, 'stop')
  expect(() => checkpoint(control)).toThrow(Stopped)
  command(control, 'resume')
  expect(() => checkpoint(control)).toThrow(Stopped)
})

test('a step lets exactly one unit of work through', () => {
  const control = createControl()
  command(control, 'step')
  expect(isPaused(control)).toBe(true)
  checkpoint(control)
  const release = new Worker(
    `const { workerData } = require('worker_threads'); const cells = new Int32Array(workerData)
     setTimeout(() => { Atomics.store(cells, 0, 2); Atomics.notify(cells, 0) }, 100)`,
    { eval: true, workerData: control },
  )
  // The second checkpoint waits until another thread stops the job.
  expect(() => checkpoint(control)).toThrow(Stopped)
  return release.terminate()
})
