/** The queue of jobs as it is kept in a file: what is to be done one after the other, and what has become of it. */
import { choice, knownFields, listOf, objectOf, show, trueOrFalse, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'

export const PRIORITIES = ['high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

/** `running`: somebody is at it, or was when its process ended; then it is gone on with. */
export const QUEUE_STATES = ['waiting', 'running', 'paused', 'done', 'failed'] as const
export type QueueState = (typeof QUEUE_STATES)[number]

/** Where to in the order of those that wait with the same priority. */
export const MOVES = ['up', 'down', 'first', 'last'] as const
export type Move = (typeof MOVES)[number]

/**
 * What an entry asks for: a job's request, the sweep that an experiment's section says, or the set of orderings that it
 * says. Documents are checked when they are added, and again when they are done: a later version may read them
 * otherwise.
 */
export type QueueWork =
  | { kind: 'job'; request: Record<string, unknown> }
  | { kind: 'sweep'; experiment: Record<string, unknown>; name: string | null }
  | { kind: 'order'; experiment: Record<string, unknown> }

/** Of a point of a sweep that has no result. */
export interface PointProblem {
  /** The point's, see `pointKey`. */
  key: string
  words: string
}

/** What is shown of an entry. */
export interface QueueEntry {
  /** Unique in its queue: "job-12". */
  id: string
  /** What it does, in words. */
  name: string
  /** As the command line calls it: "train", "sweep signal". */
  command: string
  priority: Priority
  /** In ISO 8601, as the other times. */
  added: string
  /** When it was done or has failed; null: it is still to be done. */
  ended: string | null
  state: QueueState
  /** Why it failed, as sentences; null where it has not. */
  reason: string | null
  /** Ids of the runs that it has made; of a sweep they are found by its id. */
  runs: string[]
  /** The sweep's id; null: it is none. */
  sweep: string | null
  problems: PointProblem[]
  /** When it was taken from the queue, from which it can be brought back; null: it is there. */
  removed: string | null
}

/** Who is at an entry, for whoever finds it after that process has ended. */
export interface Owner {
  pid: number
  born: string | null
  host: string
  token: string
}

export interface StoredEntry extends QueueEntry {
  work: QueueWork
  /** Null: nobody is at it. */
  owner: Owner | null
}

export interface Queue {
  /** Nothing of it is begun, and what runs is held. */
  isPaused: boolean
  /** Why it was paused by itself, as sentences; null where the user has done it. */
  note: string | null
  /** Ids that were given. */
  count: number
  /** Those of one priority in the order in which they are done. */
  entries: StoredEntry[]
}

export const emptyQueue = (): Queue => ({ isPaused: false, note: null, count: 0, entries: [] })

/** Its file's form that this program writes and reads. */
export const QUEUE_VERSION = 1

const MOST = 10_000
const LONGEST_WORDS = 4000
const HINT = 'The queue’s file is what the program has written; move it away for an empty queue.'
const FIELDS = ['version', 'isPaused', 'note', 'count', 'entries'] as const
const ENTRY_FIELDS = [
  ...['id', 'name', 'command', 'priority', 'added', 'ended', 'state', 'reason', 'runs', 'sweep'],
  ...['problems', 'removed', 'work', 'owner'],
] as const
const ID = /^job-[1-9]\d{0,8}$/

/** @throws InputError with place, cause and hint */
export function parseQueue(value: unknown, where: string): Queue {
  const given = knownFields(objectOf(value, where, 'this is no queue', HINT), where, FIELDS)
  const entries = listOf(given.entries, `${where}.entries`, {
    ...{ least: 0, most: MOST, what: 'these are not the entries of a queue', hint: HINT },
  }).map((one, i) => parseEntry(one, `${where}.entries[${i}]`))
  return {
    isPaused: trueOrFalse(given.isPaused, `${where}.isPaused`),
    note: textOrNull(given.note, `${where}.note`),
    count: wholeNumber(given.count, `${where}.count`, { minimum: 0, maximum: 1e9 }),
    entries,
  }
}

function parseEntry(value: unknown, where: string): StoredEntry {
  const at = (key: string) => `${where}.${key}`
  const given = knownFields(
    objectOf(value, where, 'this is no entry of a queue', HINT),
    where,
    ENTRY_FIELDS,
  ) as Record<string, unknown>
  const list = (key: string) =>
    listOf(given[key], at(key), { least: 0, most: MOST, what: 'this is no list', hint: HINT })
  return {
    id: textLike(given.id, ID, at('id')),
    name: text(given.name, at('name')),
    command: text(given.command, at('command')),
    priority: choice(given.priority, at('priority'), PRIORITIES),
    added: text(given.added, at('added')),
    ended: textOrNull(given.ended, at('ended')),
    state: choice(given.state, at('state'), QUEUE_STATES),
    reason: textOrNull(given.reason, at('reason')),
    runs: list('runs').map((one, i) => text(one, at(`runs[${i}]`))),
    sweep: textOrNull(given.sweep, at('sweep')),
    problems: list('problems').map((one, i) => {
      const { key, words } = objectOf(one, at(`problems[${i}]`), 'this is no point of a sweep', HINT)
      return { key: text(key, at('problems.key')), words: text(words, at('problems.words')) }
    }),
    removed: textOrNull(given.removed, at('removed')),
    work: parseWork(given.work, at('work')),
    owner: given.owner === null ? null : parseOwner(given.owner, at('owner')),
  }
}

/** As far as what it holds is; what it asks for is checked where it is done. */
function parseWork(value: unknown, where: string): QueueWork {
  const { kind, request, experiment, name } = objectOf(value, where, 'this says not what is to be done', HINT)
  const document = (one: unknown, key: string) =>
    objectOf(one, `${where}.${key}`, 'this is no JSON object', HINT) as Record<string, unknown>
  switch (choice(kind, `${where}.kind`, ['job', 'sweep', 'order'] as const)) {
    case 'job':
      return { kind: 'job', request: document(request, 'request') }
    case 'sweep':
      return {
        kind: 'sweep',
        experiment: document(experiment, 'experiment'),
        name: textOrNull(name, `${where}.name`),
      }
    case 'order':
      return { kind: 'order', experiment: document(experiment, 'experiment') }
  }
}

function parseOwner(value: unknown, where: string): Owner {
  const { pid, born, host, token } = objectOf(value, where, 'this names no process', HINT)
  return {
    pid: wholeNumber(pid, `${where}.pid`, { minimum: 1, maximum: 2 ** 32 }),
    born: textOrNull(born, `${where}.born`),
    host: text(host, `${where}.host`),
    token: text(token, `${where}.token`),
  }
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string' && value.length <= LONGEST_WORDS) return value
  throw new InputError(where, `${show(value)} is no text of at most ${LONGEST_WORDS} characters`, HINT)
}

const textOrNull = (value: unknown, where: string): string | null =>
  value === null ? null : text(value, where)

function textLike(value: unknown, form: RegExp, where: string): string {
  if (typeof value === 'string' && form.test(value)) return value
  throw new InputError(where, `${show(value)} is no id of an entry`, HINT)
}
