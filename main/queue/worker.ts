import * as path from 'node:path'
import { letGo, ownerNow, withLock } from '../../bin/lib/lock.mjs'
import { InputError, messageOf } from '../../shared/base/errors'
import type { QueueProgress } from '../../shared/protocol/queue'
import type { StoredEntry } from '../../shared/queue/entry'
import { edited, nextEntry, type EntryChanges } from '../../shared/queue/order'
import { NotKept } from '../runs/sweep-points'
import { Held, JobFailed, carryOut, problemWords, type QueueTools } from './carry-out'
import type { QueueStore } from './store'

/** How often an entry may end the process that computes before it counts as failed. */
const MOST_DEATHS = 3
/** Where the queue's file cannot be written, it is tried again after so long. */
const RETRY_MS = 5000
/** How often others are told how far an entry is. */
const TELL_MS = 250
const WRITE_MS = 2000
/** Points of a sweep of which it is kept why they have no result. */
const MOST_PROBLEMS = 100

export interface WorkerOptions {
  folder: string
  store: QueueStore
  tools: QueueTools
  /** Whether something else comes first now. */
  isHeld?: () => boolean
  onProgress?: (progress: QueueProgress | null) => void
  /** What has become of an entry. */
  onEnded?: (entry: StoredEntry, changes: EntryChanges) => void
  /** Another process works it off. @param pid null: it is not known */
  onWait?: (pid: number | null) => void
  /** What went wrong with the queue itself. */
  log?: (line: string) => void
}

export type QueueWorker = ReturnType<typeof createQueueWorker>

/**
 * Works the queue of a data folder off, one entry after the other, while no other process does: who does so holds a
 * lock, and what a process was at that was killed is gone on with by the next. An entry gives way to one that comes
 * before it by then, and to whatever holds the queue.
 */
export function createQueueWorker(options: WorkerOptions) {
  const { folder, store, tools, isHeld = () => false, onProgress = () => {}, onEnded = () => {} } = options
  const { onWait = () => {}, log = () => {} } = options
  const ending = new AbortController()
  const deaths = new Map<string, number>()
  let current: { id: string; abort: AbortController } | null = null
  let progress: QueueProgress | null = null
  let onWake = () => {}
  let told = { at: 0, written: 0 }

  /** What is done next may be another entry. */
  function wake(): void {
    onWake()
    if (current && (isHeld() || next()?.id !== current.id)) current.abort.abort()
  }
  const woken = () => new Promise<void>((resolve) => (onWake = resolve))
  const next = () => nextEntry(store.read().queue)

  /** @param isLast ends as soon as nothing is left, in place of waiting for more */
  async function run(isLast: boolean): Promise<void> {
    while (!ending.signal.aborted) {
      const isAwake = woken()
      if (isHeld() || !next()) {
        if (isLast && !isHeld()) return
        await isAwake
        continue
      }
      try {
        await withLock(path.join(folder, 'queue-worker'), workOff, {
          signal: ending.signal,
          onWait: (owner: { pid: number } | null) => onWait(owner?.pid ?? null),
        })
      } catch (error) {
        if (ending.signal.aborted) return
        log(`The queue is not worked off: ${messageOf(error)}`)
        if (isLast) throw error
        await later()
      }
    }
  }

  /** After a while, or at the end. */
  const later = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS)
      ending.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })

  /** Up to where nothing is to be done now. */
  async function workOff(): Promise<void> {
    for (;;) {
      const entry = next()
      if (!entry || isHeld() || ending.signal.aborted) return
      await doEntry(entry)
    }
  }

  async function doEntry(entry: StoredEntry): Promise<void> {
    const { id } = entry
    const owner = ownerNow()
    const abort = new AbortController()
    current = { id, abort }
    try {
      await store.change((queue) => edited(queue, id, { state: 'running', owner }))
      // It may have been taken away, or another come before it, until it was written down.
      if (isHeld() || next()?.id !== id) abort.abort()
      const changes = await outcomeOf(entry, abort.signal)
      await store.change((queue) => {
        const there = queue.entries.find((one) => one.id === id)
        // Who has paused or removed it meanwhile has the last word, but for what is done.
        const isOver = there?.state !== 'running' && changes.state === 'waiting'
        const { state: _, ...rest } = changes
        return edited(queue, id, { ...(isOver ? rest : changes), owner: null })
      })
      onEnded(entry, changes)
    } finally {
      current = null
      letGo(owner)
      tellProgress(null)
    }
  }

  /** What becomes of an entry; one that cannot be done for reasons of its own fails, others wait. */
  async function outcomeOf(entry: StoredEntry, signal: AbortSignal): Promise<EntryChanges> {
    try {
      if (signal.aborted) throw new Held()
      const { runs, problems } = await carryOut(entry, tools, {
        signal,
        onProgress: (event, point) => tellProgress({ entry: entry.id, point, event }),
        // What is not written down now is found out again.
        onBegun: (run) =>
          void store.change((queue) => edited(queue, entry.id, { runs: [run] })).catch(() => {}),
      })
      deaths.delete(entry.id)
      const own = { runs, problems: problems.slice(0, MOST_PROBLEMS), ended: now() }
      if (!problems.length) return { ...own, state: 'done', reason: null }
      return { ...own, state: 'failed', reason: problemWords(problems) }
    } catch (error) {
      if (error instanceof Held || ending.signal.aborted) return { state: 'waiting' }
      if (error instanceof NotKept || (error instanceof JobFailed && error.isTrainerGone)) {
        await pause(error.message)
        return { state: 'waiting' }
      }
      if (error instanceof JobFailed && error.reason === 'interrupted') {
        const count = (deaths.get(entry.id) ?? 0) + 1
        deaths.set(entry.id, count)
        if (count < MOST_DEATHS) return { state: 'waiting' }
        deaths.delete(entry.id)
      } else if (!(error instanceof JobFailed || error instanceof InputError)) throw error
      return { state: 'failed', reason: messageOf(error), ended: now() }
    }
  }

  /** What goes wrong now would go wrong with every entry. */
  const pause = (note: string) => store.change((queue) => ({ ...queue, isPaused: true, note }))

  function tellProgress(newest: QueueProgress | null): void {
    progress = newest
    const [at, isEdge] = [Date.now(), newest === null || told.at === 0]
    if (isEdge || at - told.at >= TELL_MS) {
      told = { ...told, at: newest ? at : 0 }
      onProgress(newest)
    }
    if (isEdge || at - told.written >= WRITE_MS) {
      told = { ...told, written: at }
      store.writeProgress(newest).catch(() => {})
    }
  }

  const unwatch = store.watch(wake)
  let running: Promise<void> = Promise.resolve()
  return {
    wake,

    /** How far what this process does is; null: it does nothing. */
    get progress(): QueueProgress | null {
      return progress
    },

    /** Does what is to be done, now and later, until it is closed. */
    start(): void {
      running = run(false).catch((error: unknown) => log(`The queue has stopped: ${messageOf(error)}`))
    },

    /** Does what is to be done now. @throws Error where the queue cannot be written */
    workOff: (): Promise<void> => (running = run(true)),

    /** Stops what is done, and waits until it has ended and that is written down. */
    async close(): Promise<void> {
      ending.abort()
      unwatch()
      onWake()
      current?.abort.abort()
      await running.catch(() => {})
    },
  }
}

const now = () => new Date().toISOString()
