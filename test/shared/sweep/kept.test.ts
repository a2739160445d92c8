import { expect, it } from 'vitest'
import type { RunSweep } from '../../../shared/sweep/run-sweep'
import { keptPoint, keptPoints } from '../../../shared/sweep/kept'

const ID = 'sweep-0123456789ab'

interface Run {
  name: string
  state: 'running' | 'finished' | 'stopped' | 'interrupted'
  removed: string | null
  canResume: boolean
  sweep?: RunSweep
}

const keyOf = (index: number) => index.toString(16).padStart(16, '0')

function run(name: string, index: number, own: Partial<Run> = {}, sweep: Partial<RunSweep> = {}): Run {
  const point = { id: ID, name: null, index, points: 10_000, key: keyOf(index), settings: { blocks: 5 } }
  return { name, state: 'finished', removed: null, canResume: false, sweep: { ...point, ...sweep }, ...own }
}

const RUNS: Run[] = [
  run('done', 0),
  run('done again', 0),
  run('in the trash', 1, { removed: '2026-01-01T00:00:00.000Z' }),
  run('of another sweep', 1, {}, { id: 'sweep-ffffffffffff' }),
  run('of other settings', 1, {}, { key: keyOf(99) }),
  run('at it', 2, { state: 'running' }),
  run('cut short', 3, { state: 'interrupted' }),
  run('goes on', 3, { state: 'stopped', canResume: true }),
  { name: 'of no sweep', state: 'finished', removed: null, canResume: false },
]

it('tells of each point what is done, under way, to be gone on with, and left over', () => {
  const kept = keptPoints(RUNS, ID)
  const names = (index: number) => {
    const { done, running, resumable, leftovers } = kept({ index, key: keyOf(index) })
    return [done, running, resumable, ...leftovers].map((one) => one?.name ?? null)
  }
  expect(names(0)).toEqual(['done', null, null])
  expect(names(1)).toEqual([null, null, null])
  expect(names(2)).toEqual([null, 'at it', null])
  expect(names(3)).toEqual([null, null, 'goes on', 'cut short'])
  expect(names(4)).toEqual([null, null, null])
})

it('says of every point what a look at that point alone says', () => {
  const kept = keptPoints(RUNS, ID)
  for (const index of [0, 1, 2, 3, 4, 99])
    for (const key of [keyOf(index), keyOf(99)])
      expect(kept({ index, key })).toEqual(keptPoint(RUNS, { id: ID, index, key }))
})

it('goes through the library once, however many points are looked up', () => {
  let reads = 0
  const runs = Array.from({ length: 10_000 }, (_, index) => {
    const { sweep, ...own } = run(`run ${index}`, index)
    return Object.defineProperty(own as Run, 'sweep', { get: () => (reads++, sweep) })
  })
  const kept = keptPoints(runs, ID)
  const before = reads
  expect(before).toBeLessThanOrEqual(4 * runs.length)
  for (let index = 0; index < runs.length; index++)
    expect(kept({ index, key: keyOf(index) }).done).toBe(runs[index])
  expect(reads).toBe(before)
})
