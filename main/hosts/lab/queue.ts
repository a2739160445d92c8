import type { Notice } from '../../../shared/protocol/protocol'
import {
  newEntry,
  type QueueList,
  type QueueProgress,
  type QueueReplies,
} from '../../../shared/protocol/queue'
import type { Queue, QueueEntry, StoredEntry } from '../../../shared/queue/entry'
import {
  added,
  findEntry,
  inOrder,
  moved,
  paused,
  prioritised,
  removed,
  restored,
  resumed,
} from '../../../shared/queue/order'
import type { Serialised } from '../../files/data-folder'
import type { QueueTools } from '../../queue/carry-out'
import { openQueueStore, type QueueStore } from '../../queue/store'
import { createQueueWorker } from '../../queue/worker'
import type { Answers } from './front-end'
import type { Turns } from './turns'

/** How often it is looked how far another process is, which writes that down every two seconds. */
const FOLLOW_MS = 1000

interface LabQueueOptions {
  folder: string
  inTurn: Serialised
  tools: QueueTools
  turns: Turns
  /** Tells every front end. */
  tell: (notice: Notice) => void
  log: (line: string) => void
}

/** The queue as front ends ask for it, and as the host works it off. */
export function createLabQueue({ folder, inTurn, tools, turns, tell, log }: LabQueueOptions) {
  const store = openQueueStore(folder, inTurn)
  const worker = createQueueWorker({
    ...{ folder, store, tools, log },
    isHeld: () => turns.isTaken,
    onProgress: (progress) => tell({ kind: 'notice', type: 'queue-progress', progress }),
    onEnded: ({ id, name }, { state, reason }) =>
      log(`queue: ${id} (${name}) is ${state}${reason ? `: ${reason}` : ''}`),
  })
  const list = () => listOf(store, worker.progress)
  const tellAll = () => tell({ kind: 'notice', type: 'queue', queue: list() })
  const unwatch = store.watch(tellAll)
  /** Of another process that works it off. */
  let others: QueueProgress | null = null
  const following = setInterval(() => {
    const newest = worker.progress ? null : store.readProgress()
    if (newest?.entry === others?.entry && newest?.event.done === others?.event.done) return
    others = newest
    if (!worker.progress) tell({ kind: 'notice', type: 'queue-progress', progress: newest })
  }, FOLLOW_MS)
  following.unref()

  /** Changes it, and lets the worker see it. */
  async function change(next: (queue: Queue) => Queue): Promise<QueueList> {
    await store.change(next)
    worker.wake()
    tellAll()
    return list()
  }

  const answers: Answers<keyof QueueReplies> = {
    'queue.list': list,
    'queue.add': async ({ work, priority, name }) => {
      const entry = newEntry(work, priority, name)
      let id = ''
      const { entries } = await change((queue) => {
        const with_ = added(queue, entry, now())
        id = with_.id
        return with_.queue
      })
      return findEntry(entries, id)
    },
    'queue.pause': ({ entry }) => change((queue) => paused(queue, entry)),
    'queue.resume': ({ entry }) => change((queue) => resumed(queue, entry)),
    'queue.move': ({ entry, to }) => change((queue) => moved(queue, entry, to)),
    'queue.priority': ({ entry, priority }) => change((queue) => prioritised(queue, entry, priority)),
    'queue.remove': ({ entries }) => change((queue) => removed(queue, entries, now())),
    'queue.restore': ({ entries }) => change((queue) => restored(queue, entries)),
  }

  return {
    answers,
    start: () => worker.start(),
    /** What comes first may be another by now. */
    wake: () => worker.wake(),

    /** Resolves when what it was at has ended, and that is written down. */
    close(): Promise<void> {
      unwatch()
      clearInterval(following)
      return worker.close()
    },
  }
}

/** The queue as it is shown, of any process that looks at its folder. */
export function listOf(store: QueueStore, own: QueueList['progress'] = null): QueueList {
  const { queue, problem } = store.read()
  const { entries, isPaused, note } = queue
  return {
    entries: inOrder(entries).map(shownOf),
    isPaused,
    note,
    progress: own ?? store.readProgress(),
    problem,
  }
}

/** Without what it asks for, which is as large as experiments are. */
function shownOf({ work: _, owner: __, ...entry }: StoredEntry): QueueEntry {
  return entry
}

const now = () => new Date().toISOString()
