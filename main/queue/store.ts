import * as fs from 'node:fs'
import * as path from 'node:path'
import { isOwnerAlive } from '../../bin/lib/lock.mjs'
import { LONGEST_DOCUMENT, readDocument } from '../../shared/base/document'
import { InputError } from '../../shared/base/errors'
import type { QueueProgress } from '../../shared/protocol/queue'
import { QUEUE_VERSION, emptyQueue, parseQueue, type Queue, type StoredEntry } from '../../shared/queue/entry'
import {
  makePrivateFolder,
  reasonOf,
  removeOldTemporaries,
  serialised,
  type Serialised,
} from '../files/data-folder'
import { readTextFile } from '../files/read'
import { keepDamaged, replaceFile } from '../files/write'

const NAME = 'queue.json'
const PROGRESS = 'queue-progress.json'
/** How often it is looked whether another process has changed something. */
const LOOK_MS = 500

/** What a queue's file turned out to be. */
type Found =
  | { kind: 'read'; queue: Queue }
  /** It is kept aside before another one is written. */
  | { kind: 'damaged'; why: string }
  /** Of a later version, or not to be read: nothing is written over it. */
  | { kind: 'foreign'; why: string }

export type QueueStore = ReturnType<typeof openQueueStore>

/**
 * The queue of a data folder: one file, replaced as a whole while the folder's lock is held, so that several processes
 * may change it. A damaged one is kept aside, and one of a later version left as it is.
 */
export function openQueueStore(folder: string, inTurn: Serialised = serialised(folder)) {
  const file = path.join(folder, NAME)
  const progressFile = path.join(folder, PROGRESS)
  removeOldTemporaries(folder, (name) => name === NAME || name === PROGRESS)
  let seen: { stamp: string; found: Found } | null = null

  function look(): Found {
    const stamp = stampOf(file)
    if (seen?.stamp !== stamp) seen = { stamp, found: lookAt(file) }
    return seen.found
  }

  function read(): { queue: Queue; problem: string | null } {
    const found = look()
    if (found.kind !== 'read') return { queue: emptyQueue(), problem: problemOf(found, file) }
    return { queue: { ...found.queue, entries: found.queue.entries.map(living) }, problem: null }
  }

  async function replace(next: (queue: Queue) => Queue): Promise<Queue> {
    // Nobody else writes meanwhile, and no clock of a file system is trusted.
    seen = null
    const found = look()
    if (found.kind === 'foreign') throw new Error(found.why)
    const { queue } = read()
    const changed = next(queue)
    if (changed === queue) return queue
    const text = `${JSON.stringify({ version: QUEUE_VERSION, ...changed }, null, 1)}\n`
    if (Buffer.byteLength(text) > LONGEST_DOCUMENT)
      throw new InputError('queue', 'it is larger than 8 MB', 'Let some be done, or remove some.')
    if (found.kind === 'damaged') await keepDamaged(file)
    makePrivateFolder(folder)
    await replaceFile(file, text)
    seen = { stamp: stampOf(file), found: { kind: 'read', queue: changed } }
    return changed
  }

  return {
    /** The queue as the file has it now, and why that is not followed, as sentences. */
    read,

    /**
     * Reads, changes and writes it in one turn.
     * @param next a function that is left to say no by what it throws
     * @throws what `next` does; Error that names cause and hint
     */
    async change(next: (queue: Queue) => Queue): Promise<Queue> {
      try {
        return await inTurn(() => replace(next))
      } catch (error) {
        if (error instanceof InputError) throw error
        throw new Error(
          `The queue could not be changed in ${file} (${reasonOf(error)}). ` +
            'Make room there, mend the file or move it away, or set RESIDUAL_LAB_DATA to another folder.',
          { cause: error },
        )
      }
    },

    /** How far the entry under way is, for other processes: it is lost without harm. */
    async writeProgress(progress: QueueProgress | null): Promise<void> {
      await (progress ? replaceFile(progressFile, JSON.stringify(progress)) : fs.promises.rm(progressFile))
    },

    /** What the process that works it off has written last; null: nothing is under way. */
    readProgress(): QueueProgress | null {
      const running = read().queue.entries.find(({ state }) => state === 'running')
      if (!running) return null
      try {
        const progress = JSON.parse(readTextFile(progressFile)) as QueueProgress
        return progress.entry === running.id && Number.isFinite(progress.event.done) ? progress : null
      } catch {
        return null
      }
    },

    /** Tells whenever the file is another one, whoever wrote it. @returns what ends that */
    watch(listener: () => void): () => void {
      let last = stampOf(file)
      const timer = setInterval(() => {
        const stamp = stampOf(file)
        if (stamp === last) return
        last = stamp
        listener()
      }, LOOK_MS)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

/** What a process was at that has ended waits again. */
const living = (entry: StoredEntry): StoredEntry =>
  entry.state === 'running' && (!entry.owner || isOwnerAlive(entry.owner) === false)
    ? { ...entry, state: 'waiting', owner: null }
    : entry

function lookAt(file: string): Found {
  let text: string
  try {
    text = readTextFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'read', queue: emptyQueue() }
    return { kind: 'foreign', why: reasonOf(error) }
  }
  try {
    const value = readDocument(text, NAME, 'Move it away.')
    const version = (value as { version?: unknown } | null)?.version
    if (typeof version === 'number' && version > QUEUE_VERSION)
      return { kind: 'foreign', why: `a newer version of Residual Lab wrote it, in form ${version}` }
    return { kind: 'read', queue: parseQueue(value, NAME) }
  } catch (error) {
    return {
      kind: 'damaged',
      why: error instanceof InputError ? `${error.where}: ${error.what}` : reasonOf(error),
    }
  }
}

const problemOf = ({ kind, why }: Exclude<Found, { kind: 'read' }>, file: string): string =>
  kind === 'damaged'
    ? `The queue in ${file} is damaged (${why}). It is kept aside when the queue is changed.`
    : `The queue in ${file} cannot be followed (${why}). It is left as it is: mend it, or move it away.`

/** What a file is told from others by; empty where there is none to be looked at. */
function stampOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = fs.statSync(file, { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch {
    return ''
  }
}
