/** What is done with a queue, as functions from queue to queue. */
import { InputError, suggestion } from '../base/errors'
import { PROGRAM } from '../base/program'
import {
  PRIORITIES,
  type Move,
  type PointProblem,
  type Priority,
  type Queue,
  type QueueEntry,
  type QueueState,
  type QueueWork,
  type StoredEntry,
} from './entry'

/** Those that have ended are shown for a while: what they made is in the library of runs. */
const MOST_ENDED = 100
const MOST_LEFT = 1000
/** What was taken from the queue can be brought back for so long. */
const REMOVED_MS = 86_400_000

const isThere = ({ removed }: QueueEntry) => removed === null
export const isEnded = ({ state }: { state: QueueState }): boolean => state === 'done' || state === 'failed'
const rank = ({ priority }: QueueEntry) => PRIORITIES.indexOf(priority)

/**
 * As they are listed: what is to be done in the order in which that happens, then what has ended, the newest first.
 * What runs comes before others of its priority.
 */
export function inOrder<E extends QueueEntry>(entries: readonly E[]): E[] {
  const there = entries.filter(isThere)
  const isRunning = ({ state }: QueueEntry) => (state === 'running' ? 0 : 1)
  const left = there
    .filter((one) => !isEnded(one))
    .sort((a, b) => rank(a) - rank(b) || isRunning(a) - isRunning(b))
  const ended = there.filter(isEnded).sort((a, b) => ((a.ended ?? '') < (b.ended ?? '') ? 1 : -1))
  return [...left, ...ended]
}

/** What is to be done now: of the highest priority, what was begun already before the others. Null: nothing is. */
export const nextEntry = ({ isPaused, entries }: Queue): StoredEntry | null =>
  isPaused ? null : (inOrder(entries).find(({ state }) => state === 'running' || state === 'waiting') ?? null)

/** The entry that a person means, by its id or its name. @throws InputError with the nearest */
export function findEntry<E extends QueueEntry>(entries: readonly E[], text: string, where = 'ENTRY'): E {
  const listed = inOrder(entries)
  const found = entries.find(({ id }) => id === text) ?? listed.find(({ name }) => name === text)
  if (found) return found
  const names = listed.flatMap(({ id, name }) => [id, name])
  const hint = suggestion(text, names, `See \`${PROGRAM} queue list\`.`)
  throw new InputError(where, `there is no entry "${text}" in the queue`, hint)
}

/** What is new about an entry that is added. */
export type NewEntry = Pick<StoredEntry, 'name' | 'command' | 'priority' | 'sweep'> & { work: QueueWork }

/**
 * At the end of its priority. A sweep that is still to be done is not added twice: it waits again where it was held,
 * and keeps the higher of the priorities.
 * @throws InputError where no more fits in
 */
export function added(queue: Queue, entry: NewEntry, now: string): { queue: Queue; id: string } {
  const same = queue.entries.find(
    (one) => isThere(one) && !isEnded(one) && one.sweep !== null && one.sweep === entry.sweep,
  )
  if (same) {
    const priority = rank(same) < PRIORITIES.indexOf(entry.priority) ? same.priority : entry.priority
    const state = same.state === 'paused' ? 'waiting' : same.state
    return { queue: edited(queue, same.id, { priority, state }), id: same.id }
  }
  const kept = withoutOld(queue, now)
  if (kept.entries.filter((one) => !isEnded(one)).length >= MOST_LEFT)
    throw new InputError(
      'queue',
      `it holds ${MOST_LEFT} entries that wait`,
      'Let some be done, or remove some.',
    )
  const count = queue.count + 1
  const id = `job-${count}`
  const fresh: StoredEntry = {
    ...{ ...entry, id, added: now, ended: null, state: 'waiting', reason: null },
    ...{ runs: [], problems: [], removed: null, owner: null },
  }
  return { queue: { ...kept, count, entries: [...kept.entries, fresh] }, id }
}

/** Without what was removed long ago, and what ended before many others. */
function withoutOld(queue: Queue, now: string): Queue {
  const since = Date.parse(now) - REMOVED_MS
  const shown = new Set(
    inOrder(queue.entries)
      .filter(isEnded)
      .slice(0, MOST_ENDED)
      .map(({ id }) => id),
  )
  const stays = (one: StoredEntry) =>
    one.removed === null ? !isEnded(one) || shown.has(one.id) : Date.parse(one.removed) > since
  return { ...queue, entries: queue.entries.filter(stays) }
}

/** What of an entry changes. */
export type EntryChanges = Partial<
  Pick<StoredEntry, 'state' | 'priority' | 'reason' | 'ended' | 'runs' | 'owner'>
> & {
  problems?: PointProblem[]
}

/** The queue with one entry changed; one that is not there changes nothing. */
export function edited(queue: Queue, id: string, changes: EntryChanges): Queue {
  const entries = queue.entries.map((one) => (one.id === id ? { ...one, ...changes } : one))
  return { ...queue, entries }
}

/** Entries of these ids. @throws InputError for one that is not there */
const named = ({ entries }: Queue, ids: readonly string[]): StoredEntry[] =>
  ids.map((id) => findEntry(entries, id))

/** Holds one entry, or all of the queue where `id` is null. @throws InputError */
export function paused(queue: Queue, id: string | null): Queue {
  if (id === null) return { ...queue, isPaused: true, note: null }
  const [entry] = named(queue, [id])
  if (isEnded(entry)) throw new InputError(id, 'it has ended already', 'Pause one that waits or runs.')
  return edited(queue, entry.id, { state: 'paused' })
}

/** Lets an entry go on, or one that has failed try again; all of the queue where `id` is null. @throws InputError */
export function resumed(queue: Queue, id: string | null): Queue {
  if (id === null) return { ...queue, isPaused: false, note: null }
  const [entry] = named(queue, [id])
  if (entry.state === 'done') throw new InputError(id, 'it is done', 'Add it anew to do it again.')
  if (entry.state === 'running') return queue
  return edited(queue, entry.id, { state: 'waiting', reason: null, ended: null, problems: [] })
}

/** @throws InputError for what has ended */
export function prioritised(queue: Queue, id: string, priority: Priority): Queue {
  const [entry] = named(queue, [id])
  if (isEnded(entry)) throw new InputError(id, 'it has ended already', 'Change one that waits or runs.')
  return edited(queue, entry.id, { priority })
}

/** Among those of its priority that wait. @throws InputError for what does not wait */
export function moved(queue: Queue, id: string, move: Move): Queue {
  const [entry] = named(queue, [id])
  if (entry.state !== 'waiting' && entry.state !== 'paused') {
    const what = entry.state === 'running' ? 'it is being done' : 'it has ended already'
    throw new InputError(id, what, 'Move one that waits.')
  }
  const { entries } = queue
  const isBeside = (one: StoredEntry) =>
    isThere(one) && one.priority === entry.priority && (one.state === 'waiting' || one.state === 'paused')
  const places = entries.flatMap((one, i) => (isBeside(one) ? [i] : []))
  const order = places.map((i) => entries[i])
  const from = order.indexOf(entry)
  const to = { up: from - 1, down: from + 1, first: 0, last: order.length - 1 }[move]
  if (to < 0 || to >= order.length) return queue
  order.splice(from, 1)
  order.splice(to, 0, entry)
  const next = [...entries]
  places.forEach((place, i) => (next[place] = order[i]))
  return { ...queue, entries: next }
}

/** Takes entries from the queue, from where they can be brought back. @throws InputError */
export function removed(queue: Queue, ids: readonly string[], now: string): Queue {
  const own = new Set(named(queue, ids).map(({ id }) => id))
  const entries = queue.entries.map((one) =>
    own.has(one.id) && isThere(one) ? { ...one, removed: now } : one,
  )
  return { ...queue, entries }
}

/** Brings back what was removed; what somebody was at then waits. @throws InputError */
export function restored(queue: Queue, ids: readonly string[]): Queue {
  const own = new Set(named(queue, ids).map(({ id }) => id))
  const entries = queue.entries.map((one) => {
    if (!own.has(one.id) || isThere(one)) return one
    return { ...one, removed: null, state: one.state === 'running' ? ('waiting' as const) : one.state }
  })
  return { ...queue, entries }
}

/** Those that a clearing takes: all, or what has ended. */
export const clearedIds = ({ entries }: Queue, which: 'all' | 'ended'): string[] =>
  entries.filter((one) => isThere(one) && (which === 'all' || isEnded(one))).map(({ id }) => id)
