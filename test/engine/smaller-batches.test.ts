import { afterEach, expect, test, vi } from 'vitest'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { theoriesOf } from '../../main/trainer/engine/series-theory'
import { theoryOf } from '../../shared/theory/theory'
import { defaultExperiment } from '../../shared/settings/table'

// What it computes stays as it is: only its calls are counted.
vi.mock('../../shared/theory/theory', { spy: true })
afterEach(() => vi.mocked(theoryOf).mockClear())

/** The batches whose limits were computed. */
function batchesOf(width: number): number[] {
  const experiment = { ...defaultExperiment(), remedies: ['batch-norm'], blocks: 20, width }
  const last = [...theoriesOf(experiment, prepareSeries(experiment))].at(-1)!
  expect(last.theory.finiteWidth === undefined).toBe(true)
  return vi.mocked(theoryOf).mock.calls.map(([, asked]) => asked.batch)
}

test('a smaller batch is told of with its own limit', () => {
  const [first, ...smaller] = batchesOf(100)
  expect(first).toBe(128)
  expect(new Set(smaller).size).toBe(1)
  expect([32, 16, 8]).toContain(smaller[0])
})

test('limits of smaller batches are not computed where there is no time for their networks', () => {
  expect(batchesOf(2000)).toEqual([128])
})
