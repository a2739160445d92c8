/** What front ends ask of the queue of jobs, and hear of it. */
import * as v from 'valibot'
import { InputError } from '../base/errors'
import { parseExperiment } from '../experiment/experiment'
import { orderExperiments } from '../order/set'
import { MOVES, PRIORITIES, type Priority, type QueueEntry, type QueueWork } from '../queue/entry'
import type { NewEntry } from '../queue/order'
import { blockTitles, titleOf } from '../runs/summary'
import { defaultOrder } from '../settings/order'
import { setting } from '../settings/table'
import { screenSweep } from '../sweep/screen-plan'
import type { ProgressEvent } from './events'
import { JOB_SCHEMAS, prepareJob, type JobBody } from './jobs'
import { document } from './jobs/job'

const id = v.pipe(v.string(), v.maxLength(64))
const ids = v.pipe(v.array(id), v.maxLength(10_000))
/** Null: all of the queue. */
const which = v.nullable(id)
const priority = v.picklist(PRIORITIES)
const name = v.pipe(v.string(), v.maxLength(100))
const job = v.variant('type', JOB_SCHEMAS)

const work = v.variant('kind', [
  v.object({ kind: v.literal('job'), request: document }),
  v.object({ kind: v.literal('sweep'), experiment: document, name: v.nullable(name) }),
  v.object({ kind: v.literal('order'), experiment: document }),
])

/** One schema a request. All but `queue.add` are answered with the queue as it is then. */
export const QUEUE_SCHEMAS = [
  v.object({ type: v.literal('queue.list') }),
  /** The entry's name is made of what it does where none is given. */
  v.object({ type: v.literal('queue.add'), work, priority: v.optional(priority), name: v.optional(name) }),
  v.object({ type: v.literal('queue.pause'), entry: which }),
  /** Also of an entry that has failed, which is tried again. */
  v.object({ type: v.literal('queue.resume'), entry: which }),
  v.object({ type: v.literal('queue.move'), entry: id, to: v.picklist(MOVES) }),
  v.object({ type: v.literal('queue.priority'), entry: id, priority }),
  /** Off the queue, and back on it: for a day. */
  v.object({ type: v.literal('queue.remove'), entries: ids }),
  v.object({ type: v.literal('queue.restore'), entries: ids }),
] as const

/** The queue as it is shown. */
export interface QueueList {
  /** In the order in which they are done, then what has ended. */
  entries: QueueEntry[]
  isPaused: boolean
  /** Why it was paused by itself, as sentences. */
  note: string | null
  /** How far the entry under way is; null: nothing is. */
  progress: QueueProgress | null
  /** Why the queue's file is not followed, as sentences; null where all is well. */
  problem: string | null
}

/** How far an entry is. */
export interface QueueProgress {
  entry: string
  /** Key of the sweep's point under way; null: it is no sweep. */
  point: string | null
  event: ProgressEvent
}

export interface QueueReplies {
  'queue.list': QueueList
  'queue.add': QueueEntry
  'queue.pause': QueueList
  'queue.resume': QueueList
  'queue.move': QueueList
  'queue.priority': QueueList
  'queue.remove': QueueList
  'queue.restore': QueueList
}

/** A job's request out of a document. @throws InputError for what is none */
export function queuedJob(request: Record<string, unknown>): JobBody {
  const result = v.safeParse(job, request)
  if (result.success) return result.output as JobBody
  const issue = result.issues[0]
  throw new InputError(
    `request.${v.getDotPath(issue) ?? 'type'}`,
    issue.message,
    'Queue one of the jobs signal, shatter, lesion, train and depth.',
  )
}

/**
 * What is to be queued, checked: a sweep at each of its points.
 * @param given the entry's name; left out: made of what it does
 * @throws InputError for what cannot be run
 */
export function newEntry(work: QueueWork, priority: Priority = 'normal', given?: string): NewEntry {
  const { command, title, sweep } = describedWork(work)
  return { work, priority, command, sweep, name: given ?? title }
}

function describedWork(work: QueueWork): { command: string; title: string; sweep: string | null } {
  switch (work.kind) {
    case 'job': {
      const body = queuedJob(work.request)
      const { experiment, ...prepared } = prepareJob(body)
      const depths = prepared.type === 'depth' ? (experiment.depth ?? null) : null
      return { command: body.type, title: body.name ?? titleOf(experiment, depths), sweep: null }
    }
    case 'sweep': {
      const experiment = parseExperiment(work.experiment)
      const { id, command, swept, points } = screenSweep(experiment)
      const over = swept.map(({ key }) => setting(key).label).join(' × ')
      const title = work.name ?? `${blockTitles(experiment)} over ${over}, ${points.length} points`
      return { command: `sweep ${command}`, title, sweep: id }
    }
    case 'order': {
      const experiment = parseExperiment(work.experiment)
      const order = experiment.order ?? defaultOrder()
      const [first] = orderExperiments(experiment, order)
      return { command: 'order', title: titleOf(first), sweep: null }
    }
  }
}
