import { expect, test } from 'vitest'
import { gpuNote, gpuWords, paceWords } from '../../../renderer/base/progress-words'
import type { ProgressEvent } from '../../../shared/protocol/protocol'

const event: ProgressEvent = {
  ...{ type: 'progress', message: 'training, step 5 of 300', done: 5, total: 300 },
  ...{ rate: 950, unit: 'steps', secondsLeft: 12 },
}

test('the GPU stands behind rate and time left, with what it means at hand', () => {
  const busy = { ...event, gpu: { busy: 0.873, bytes: 3.2e9, total: 8.5e10 } }
  expect(paceWords(busy) + gpuWords(busy)).toBe(', 950 steps/s, 12 s left, GPU 87 % busy, 3.2 GB of 85.0 GB')
  expect(gpuNote(busy)).toMatch(
    /in which at least one kernel ran on the GPU, as nvidia-smi tells it \(utilization\.gpu\)/,
  )
})

test('where nothing tells it, nothing is said', () => {
  expect(gpuWords(event)).toBe('')
  expect([gpuNote(event), gpuNote(null)]).toEqual([null, null])
})
