import { newEntry, type QueueList, type QueueReplies } from '../../shared/protocol/queue'
import type { Notice, ProgressEvent, RequestBody } from '../../shared/protocol/protocol'
import { emptyQueue, type Queue, type QueueWork } from '../../shared/queue/entry'
import {
  added,
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
} from '../../shared/queue/order'

type QueueBody = Extract<RequestBody, { type: keyof QueueReplies }>

/** The stand-in's queue: in memory, one for each page. It does sweeps at once, and leaves the rest as it is. */
export class StandInQueue {
  #queue: Queue

  /** @param sweep does the points that the library does not hold */
  constructor(
    private readonly tell: (notice: Notice) => void,
    private readonly sweep: (work: QueueWork) => Promise<void>,
    queue = emptyQueue(),
  ) {
    this.#queue = queue
  }

  get list(): QueueList {
    const { entries, isPaused, note } = this.#queue
    const shown = inOrder(entries).map(({ work: _, owner: __, ...entry }) => entry)
    const running = shown.find(({ state }) => state === 'running')
    const event: ProgressEvent = {
      ...({ type: 'progress' } as const),
      ...{ message: 'Training step 240 of 1,000', done: 240, total: 1000, unit: 'steps' },
      ...{ rate: 31, secondsLeft: 24 },
    }
    const progress = running ? { entry: running.id, point: null, event } : null
    return { entries: shown, isPaused, note, progress, problem: null }
  }

  answer(body: QueueBody): QueueList | QueueList['entries'][number] {
    const now = new Date().toISOString()
    switch (body.type) {
      case 'queue.list':
        return this.list
      case 'queue.add': {
        const { queue, id } = added(this.#queue, newEntry(body.work, body.priority, body.name), now)
        this.#change(queue)
        void this.#work()
        return findEntry(this.list.entries, id)
      }
      case 'queue.pause':
        return this.#change(paused(this.#queue, body.entry))
      case 'queue.resume':
        return this.#change(resumed(this.#queue, body.entry))
      case 'queue.move':
        return this.#change(moved(this.#queue, body.entry, body.to))
      case 'queue.priority':
        return this.#change(prioritised(this.#queue, body.entry, body.priority))
      case 'queue.remove':
        return this.#change(removed(this.#queue, body.entries, now))
      case 'queue.restore':
        return this.#change(restored(this.#queue, body.entries))
    }
  }

  async #work(): Promise<void> {
    const next = nextEntry(this.#queue)
    if (next?.work.kind !== 'sweep') return
    await this.sweep(next.work)
    this.#change(edited(this.#queue, next.id, { state: 'done', ended: new Date().toISOString() }))
  }

  #change(queue: Queue): QueueList {
    this.#queue = queue
    this.tell({ kind: 'notice', type: 'queue', queue: this.list })
    return this.list
  }
}

/** A queue as it is on a busy day. */
export function busyQueue(experiment: Record<string, unknown>): Queue {
  const now = '2026-03-04T09:00:00.000Z'
  const train = (seed: number): QueueWork => ({
    kind: 'job',
    request: { type: 'train', experiment: { ...experiment, seed } },
  })
  const sweep: QueueWork = { kind: 'sweep', experiment: { ...experiment, sweep: undefined }, name: null }
  const works: [QueueWork, 'high' | 'normal' | 'low'][] = [
    [train(1), 'normal'],
    [train(2), 'normal'],
    [sweep, 'high'],
    [train(3), 'low'],
    [train(4), 'normal'],
    [train(5), 'normal'],
  ]
  const queue = works.reduce(
    (all, [work, priority]) => added(all, newEntry(work, priority), now).queue,
    emptyQueue(),
  )
  const changes = {
    'job-1': { state: 'done', ended: '2026-03-04T09:12:00.000Z', runs: ['fern-12'] },
    'job-2': { state: 'running' },
    'job-3': { state: 'paused' },
    'job-5': {
      state: 'failed',
      ended: '2026-03-04T09:10:00.000Z',
      reason:
        'These networks need 96 GiB of memory, and the machine has 16 GiB. Use fewer blocks or networks.',
    },
  } as const
  return Object.entries(changes).reduce((all, [id, one]) => edited(all, id, one as object), queue)
}
