import { expect, test } from 'vitest'
import { queueWaitWords } from '../../../renderer/state/queue-words'
import type { QueueEntry, QueueState } from '../../../shared/queue/entry'

const entryOf = (id: string, state: QueueState): QueueEntry => ({
  ...{ id, name: id, command: 'train', priority: 'normal', state, added: '', ended: null, reason: null },
  ...{ runs: [], sweep: null, problems: [], removed: null },
})

test('an entry says why it is not done yet', () => {
  const left = [
    entryOf('a', 'running'),
    entryOf('b', 'paused'),
    entryOf('c', 'waiting'),
    entryOf('d', 'waiting'),
  ]
  const words = (index: number, isPaused = false, among = left) =>
    queueWaitWords({ isPaused, left: among }, among[index])
  expect(words(2)).toBe('Waits in the queue, after 1 other.')
  expect(words(3)).toBe('Waits in the queue, after 2 others.')
  expect(words(3, true)).toBe('The queue is paused.')
  expect(words(0)).toBe('Begins.')
  expect(words(0, false, [entryOf('a', 'waiting')])).toBe('Waits until nothing runs in a view.')
})
