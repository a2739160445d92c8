import { describe, expect, test } from 'vitest'
import { emptyQueue, parseQueue, type Priority, type Queue } from '../../../shared/queue/entry'
import {
  added,
  clearedIds,
  edited,
  findEntry,
  inOrder,
  moved,
  nextEntry,
  paused,
  prioritised,
  removed,
  restored,
  resumed,
} from '../../../shared/queue/order'

const NOW = '2026-01-02T03:04:05.000Z'
const LATER = '2026-01-04T03:04:05.000Z'

/** A queue with these names, each with its priority. */
const queueOf = (...entries: [string, Priority?, (string | null)?][]): Queue =>
  entries.reduce(
    (queue, [name, priority = 'normal', sweep = null]) =>
      added(
        queue,
        { name, priority, sweep, command: 'train', work: { kind: 'job', request: { type: 'train' } } },
        NOW,
      ).queue,
    emptyQueue(),
  )
const namesOf = (queue: Queue) => inOrder(queue.entries).map(({ name }) => name)

describe('order', () => {
  test('is by priority, then by position; what runs comes first in its priority', () => {
    const queue = queueOf(['a'], ['b', 'low'], ['c', 'high'], ['d'])
    expect(namesOf(queue)).toEqual(['c', 'a', 'd', 'b'])
    expect(nextEntry(queue)?.name).toBe('c')
    const running = edited(queue, 'job-4', { state: 'running' })
    expect(namesOf(running)).toEqual(['c', 'd', 'a', 'b'])
    expect(nextEntry(edited(running, 'job-3', { state: 'done', ended: NOW }))?.name).toBe('d')
  })

  test('what has ended stands behind, the newest first, and is not done', () => {
    const one = edited(queueOf(['a'], ['b'], ['c']), 'job-1', { state: 'done', ended: NOW })
    const two = edited(one, 'job-2', { state: 'failed', ended: LATER, reason: 'No.' })
    expect(namesOf(two)).toEqual(['c', 'b', 'a'])
    expect(nextEntry(two)?.name).toBe('c')
  })

  test('moving changes places with those that wait with the same priority', () => {
    const queue = edited(queueOf(['a'], ['low', 'low'], ['b'], ['c'], ['d']), 'job-1', { state: 'running' })
    expect(namesOf(moved(queue, 'job-4', 'up'))).toEqual(['a', 'c', 'b', 'd', 'low'])
    expect(namesOf(moved(queue, 'job-3', 'down'))).toEqual(['a', 'c', 'b', 'd', 'low'])
    expect(namesOf(moved(queue, 'job-5', 'first'))).toEqual(['a', 'd', 'b', 'c', 'low'])
    expect(namesOf(moved(queue, 'job-3', 'last'))).toEqual(['a', 'c', 'd', 'b', 'low'])
    // At an end already.
    expect(moved(queue, 'job-3', 'up')).toBe(queue)
    expect(() => moved(queue, 'job-1', 'up')).toThrow('job-1: it is being done. Move one that waits.')
  })

  test('another priority puts an entry among others', () => {
    expect(namesOf(prioritised(queueOf(['a'], ['b'], ['c']), 'job-3', 'high'))).toEqual(['c', 'a', 'b'])
  })
})

describe('pause', () => {
  test('of all: nothing is next; of one: the others are', () => {
    const queue = queueOf(['a'], ['b'])
    expect(nextEntry(paused(queue, null))).toBeNull()
    expect(nextEntry(resumed(paused(queue, null), null))?.name).toBe('a')
    const held = paused(queue, 'job-1')
    expect(nextEntry(held)?.name).toBe('b')
    expect(nextEntry(resumed(held, 'job-1'))?.name).toBe('a')
  })

  test('what has failed is tried again, what is done is not', () => {
    const failed = edited(queueOf(['a']), 'job-1', { state: 'failed', ended: NOW, reason: 'No.' })
    expect(resumed(failed, 'job-1').entries[0]).toMatchObject({ state: 'waiting', reason: null, ended: null })
    const done = edited(failed, 'job-1', { state: 'done' })
    expect(() => resumed(done, 'job-1')).toThrow('it is done')
    expect(() => paused(done, 'job-1')).toThrow('it has ended already')
    expect(() => prioritised(done, 'job-1', 'low')).toThrow('it has ended already')
  })
})

describe('what is removed', () => {
  test('comes back where it was, and waits', () => {
    const queue = edited(queueOf(['a'], ['b'], ['c']), 'job-2', { state: 'running' })
    const without = removed(queue, ['job-1', 'job-2'], NOW)
    expect(namesOf(without)).toEqual(['c'])
    expect(namesOf(restored(without, ['job-2', 'job-1']))).toEqual(['a', 'b', 'c'])
    expect(nextEntry(restored(without, ['job-2']))?.state).toBe('waiting')
  })

  test('is gone for good after a day', () => {
    const without = removed(queueOf(['a'], ['b']), ['job-1'], NOW)
    const { queue, id } = added(without, { ...without.entries[1], name: 'c' }, LATER)
    expect(queue.entries.map(({ name }) => name)).toEqual(['b', 'c'])
    // Ids are given once.
    expect(id).toBe('job-3')
  })

  test('clearing takes all, or what has ended', () => {
    const queue = edited(queueOf(['a'], ['b']), 'job-1', { state: 'done', ended: NOW })
    expect(clearedIds(queue, 'ended')).toEqual(['job-1'])
    expect(clearedIds(queue, 'all')).toEqual(['job-1', 'job-2'])
    expect(clearedIds(removed(queue, ['job-1'], NOW), 'all')).toEqual(['job-2'])
  })
})

test('a hundred that have ended are kept', () => {
  const names = Array.from({ length: 120 }, (_, i): [string] => [`a${i}`])
  const done = queueOf(...names).entries.reduce(
    (queue, { id }, i) => edited(queue, id, { state: 'done', ended: new Date(i * 1000).toISOString() }),
    queueOf(...names),
  )
  const { queue } = added(done, { ...done.entries[0], name: 'new' }, NOW)
  expect(queue.entries).toHaveLength(101)
  expect(queue.entries[0].name).toBe('a20')
})

test('a sweep that is still to be done is added once, and waits again where it was held', () => {
  const held = paused(queueOf(['a', 'low', 'sweep-1'], ['b']), 'job-1')
  const { queue, id } = added(held, { ...held.entries[0], priority: 'high' }, NOW)
  expect(id).toBe('job-1')
  expect(queue.entries).toMatchObject([{ state: 'waiting', priority: 'high' }, { name: 'b' }])
  const done = edited(queue, 'job-1', { state: 'done', ended: NOW })
  expect(added(done, done.entries[0], NOW).id).toBe('job-3')
})

test('an entry is found by id and name, and the nearest is named', () => {
  const queue = queueOf(['Type 2, L = 20'])
  expect(findEntry(queue.entries, 'job-1').id).toBe('job-1')
  expect(findEntry(queue.entries, 'Type 2, L = 20').id).toBe('job-1')
  expect(() => findEntry(queue.entries, 'job-11')).toThrow(
    'ENTRY: there is no entry "job-11" in the queue. Did you mean "job-1"?',
  )
})

describe('the file', () => {
  const queue = edited(queueOf(['a'], ['b', 'low', 'sweep-1']), 'job-2', {
    state: 'failed',
    owner: { pid: 1, born: null, host: 'here', token: 'x' },
    problems: [{ key: 'k', words: 'w' }],
  })

  test('is read as it was written', () => {
    expect(parseQueue(JSON.parse(JSON.stringify({ version: 1, ...queue })), 'queue.json')).toEqual(queue)
  })

  test.each([
    ['nothing', null, /this is no queue/],
    ['a list', [], /this is no queue/],
    ['another field', { ...queue, more: 1 }, /more.*there is no such field/],
    [
      'a wrong state',
      { ...queue, entries: [{ ...queue.entries[0], state: 'runing' }] },
      /entries\[0\]\.state.*"running"/,
    ],
    [
      'an id that leads elsewhere',
      { ...queue, entries: [{ ...queue.entries[0], id: '../x' }] },
      /no id of an entry/,
    ],
    ['no work', { ...queue, entries: [{ ...queue.entries[0], work: { kind: 'job' } }] }, /work\.request/],
    [
      'a priority of its own',
      { ...queue, entries: [{ ...queue.entries[0], priority: 'urgent' }] },
      /priority/,
    ],
  ])('with %s is refused with the place', (_, value, words) => {
    expect(() => parseQueue(value, 'queue.json')).toThrow(words)
  })
})
