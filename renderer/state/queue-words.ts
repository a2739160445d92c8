import type { QueueEntry } from '../../shared/queue/entry'
import type { QueueState } from './queue.svelte'

/** Why an entry that waits is not done yet. */
export function queueWaitWords(
  queue: Pick<QueueState, 'isPaused' | 'left'>,
  { id, state }: QueueEntry,
): string {
  if (queue.isPaused) return 'The queue is paused.'
  if (state === 'running') return 'Begins.'
  const ahead = queue.left.filter((one) => one.state !== 'paused').findIndex((one) => one.id === id)
  if (ahead <= 0) return 'Waits until nothing runs in a view.'
  return `Waits in the queue, after ${ahead} ${ahead === 1 ? 'other' : 'others'}.`
}
