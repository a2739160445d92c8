/** What front ends ask of the library of runs. A page names runs by their ids, and no paths. */
import * as v from 'valibot'
import type { RunDocument, RunEntry } from '../runs/run'
import { RUN_KINDS } from '../runs/run'
import type { Verification } from '../runs/verification'
import { document } from './jobs/job'

const id = v.pipe(v.string(), v.maxLength(64))
const ids = v.pipe(v.array(id), v.maxLength(10_000))

/** One schema a request. What people write (names, notes, tags) is checked where it is kept. */
export const RUN_SCHEMAS = [
  v.object({ type: v.literal('runs.list') }),
  v.object({ type: v.literal('runs.open'), run: id }),
  v.object({
    type: v.literal('runs.change'),
    run: id,
    name: v.optional(v.string()),
    note: v.optional(v.string()),
    tags: v.optional(v.array(v.string())),
    pinned: v.optional(v.boolean()),
  }),
  /** Into the trash, and out of it. */
  v.object({ type: v.literal('runs.remove'), runs: ids }),
  v.object({ type: v.literal('runs.restore'), runs: ids }),
  /** Deletes for good what is in the trash. */
  v.object({ type: v.literal('runs.empty') }),
  /** Keeps what the page has put together itself. `started`, `result`: what a job's event and reply are for others. */
  v.object({
    type: v.literal('runs.keep'),
    kind: v.picklist(RUN_KINDS),
    experiment: document,
    started: v.unknown(),
    result: v.unknown(),
    seconds: v.pipe(v.number(), v.minValue(0)),
    name: v.optional(v.string()),
  }),
  /** As a .zip, by the host's dialog where it has one. */
  v.object({ type: v.literal('runs.export'), run: id }),
  /** Does the run again on this machine, and holds the one against the other. Events: ProgressEvent. */
  v.object({ type: v.literal('runs.verify'), run: id }),
] as const

/** The library as a list. */
export interface RunList {
  /** The newest first; those in the trash, too. */
  runs: RunEntry[]
  /** What could not be read, and why, as sentences; it is left as it is. */
  problems: string[]
  /** The library's folder. */
  path: string
  /** Why nothing of the library's own is written: a newer version made it; as sentences. Null where all is well. */
  newer: string | null
}

/** What each is answered with. */
export interface RunReplies {
  'runs.list': RunList
  'runs.open': RunDocument
  'runs.change': RunEntry
  'runs.remove': RunEntry[]
  'runs.restore': RunEntry[]
  /** How many there were. */
  'runs.empty': { deleted: number }
  'runs.keep': RunEntry
  /** The file that it was saved to, or the .zip itself where the host has no dialog; null: the dialog was cancelled. */
  'runs.export': { path: string } | { name: string; content: string } | null
  'runs.verify': Verification
}
