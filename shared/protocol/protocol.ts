/**
 * Every message between the renderer, the host and the trainer. A front end sends requests, each with an id; it gets
 * any number of events with that id, then exactly one reply or error. Notices come unasked. Numbers may be non-finite:
 * JSON transports use `encodeMessage`/`decodeMessage`, which keep them.
 */
import * as v from 'valibot'
import { isTooDeep } from '../base/document'
import { printable } from '../base/errors'
import { DEEPEST } from '../base/json'
import { DATA_SCHEMAS, type DataReplies } from './data'
import type { DeviceStatus } from './events'
import { EXPORT_SCHEMAS, type ExportReplies } from './exports'
import { RUN_FILE_SCHEMAS, type RunFileReplies } from './run-files'
import { IMPORT_SCHEMAS, type ImportReplies } from './imports'
import type { HostSettings } from './host-settings'
import { JOB_SCHEMAS, type JobEvent, type JobReply, type JobType } from './jobs'
import { document } from './jobs/job'
import type {
  LicenceText,
  LoadedSettings,
  LoadedWorkspace,
  OpenedFile,
  RecentFile,
  RuntimeReply,
  SavedBlock,
  SavedBlocks,
  SavedSettings,
  SavedWorkspace,
} from './replies'
import { QUEUE_SCHEMAS, type QueueList, type QueueProgress, type QueueReplies } from './queue'
import { RUN_SCHEMAS, type RunReplies } from './runs'
import type { RunEntry } from '../runs/run'
import type { TabId } from './tabs'

export type { CheckpointEvent, DeviceStatus, ProgressEvent, StartedEvent } from './events'
export type { LesionEvent } from './jobs/lesion'
export type { ShatterEvent } from './jobs/shatter'
export type { SignalEvent } from './jobs/signal'
export type { TrainEvent, TrainFrame } from './jobs/train'
export { isJob, unstarted, type JobType } from './jobs'
export type { DataList, DataLook, GivenFile, ListedData } from './data'
export type * from './replies'
export type { ExportProblem, ExportResult } from './exports'
export type { QueueList, QueueProgress } from './queue'
export type { RunList } from './runs'
export type { Verdict, Verification } from '../runs/verification'
export { decodeMessage, encodeMessage, nonFiniteAsText } from './transport'

// ---- Requests -------------------------------------------------------------------------------------------------------

const text = v.pipe(v.string(), v.maxLength(4096))
const requestBody = v.variant('type', [
  /** What this host is and which device computes. */
  v.object({ type: v.literal('hello') }),
  /** The autosaved workspace; null at the first start. */
  v.object({ type: v.literal('workspace.load') }),
  /**
   * `base`: the revision that the document was loaded or last saved as, null where there was none; where it is absent,
   * what there is is kept aside and replaced.
   */
  v.object({ type: v.literal('workspace.save'), document, base: v.optional(v.nullable(text)) }),
  /** Keeps this one aside as a file, where another is going to be shown. */
  v.object({ type: v.literal('workspace.keep'), document }),
  ...JOB_SCHEMAS,
  /**
   * To a running job (a request's id). `step`: one block or one training step, then paused. `keep: false`: what it has
   * found by now is for nobody, and becomes no run.
   */
  v.object({
    type: v.literal('control'),
    job: text,
    action: v.picklist(['pause', 'resume', 'step', 'stop']),
    keep: v.optional(v.boolean()),
  }),
  v.object({ type: v.literal('settings.load') }),
  /** Some of the settings (HostSettings), with what they shall be. */
  v.object({ type: v.literal('settings.save'), changes: document }),
  /** What whoever mends the program needs to know of this machine, as text without private data. */
  v.object({ type: v.literal('diagnostics') }),
  /** The program's own licence, or the notices of all packages in it. */
  v.object({ type: v.literal('about.text'), which: v.picklist(['licence', 'notices']) }),
  /** Shows the data folder in the system's file manager; in Electron only. */
  v.object({ type: v.literal('folder.show') }),
  /** Asks now whether there is a newer version, at the address that `settings.load` names. */
  v.object({ type: v.literal('version.ask') }),
  v.object({ type: v.literal('runtime.status') }),
  /**
   * Gets TensorFlow's library, or joins who gets it already. `file`: from a file for which the host asks by itself: a
   * page names no path, since what lies there would run as the user. `gpu`: the one for NVIDIA GPUs, with CUDA. Events:
   * ProgressEvent.
   */
  v.object({
    type: v.literal('runtime.install'),
    from: v.optional(v.literal('file')),
    gpu: v.optional(v.literal(true)),
  }),
  v.object({ type: v.literal('runtime.cancel') }),
  /** Native dialogs, in Electron only; in a browser the renderer saves and opens by itself. */
  v.object({
    type: v.literal('file.save'),
    name: text,
    /** Id of a file in whose place it is offered to be saved. */
    over: v.optional(text),
    encoding: v.picklist(['text', 'base64']),
    content: v.pipe(v.string(), v.maxLength(64 * 2 ** 20)),
  }),
  v.object({ type: v.literal('file.open') }),
  /** The files that were opened or saved last, on this machine. */
  v.object({ type: v.literal('recent.list') }),
  /**
   * Of a file that the host itself has named by an id: a page names no paths. `remember`: it was read, and is ours.
   */
  v.object({ type: v.literal('recent.open'), file: text }),
  v.object({ type: v.literal('recent.remember'), file: text, kind: v.picklist(['experiment', 'block']) }),
  v.object({ type: v.literal('recent.remove'), file: text }),
  /** Another window, which begins with what this one has saved; in Electron only. */
  v.object({ type: v.literal('window.new') }),
  /** How far the work under way is (0 to 1; null: none), and what to say of work that has ended; for the task bar. */
  v.object({
    type: v.literal('window.work'),
    fraction: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
    ended: v.nullable(text),
  }),
  /** The user's own blocks, kept beside the workspace. */
  v.object({ type: v.literal('library.list') }),
  /** `replace`: id of the saved block whose place it takes; without it, a name that is taken gets a number. */
  v.object({ type: v.literal('library.save'), block: document, replace: v.nullable(text) }),
  v.object({ type: v.literal('library.rename'), block: text, name: text }),
  v.object({ type: v.literal('library.remove'), block: text }),
  ...RUN_SCHEMAS,
  ...QUEUE_SCHEMAS,
  ...DATA_SCHEMAS,
  ...EXPORT_SCHEMAS,
  ...IMPORT_SCHEMAS,
  ...RUN_FILE_SCHEMAS,
])

export type RequestBody = v.InferOutput<typeof requestBody>
export type RequestType = RequestBody['type']
export interface Request {
  kind: 'request'
  id: string
  body: RequestBody
}

const request = v.object({
  kind: v.literal('request'),
  id: v.pipe(v.string(), v.maxLength(64)),
  body: requestBody,
})

/** A document stands in the body of a message, and is no deeper than one that is read from a file. */
const DEEPEST_MESSAGE = DEEPEST + 1

/** Characters of what is said of a message that is no request. */
const LONGEST_WORDS = 300

/** @throws Error for anything that is not a request known here */
export function parseRequest(message: unknown): Request {
  if (isTooDeep(message, DEEPEST_MESSAGE))
    throw new Error(`This request is nested more than ${DEEPEST} deep.`)
  const result = v.safeParse(request, message)
  if (result.success) return result.output
  const issue = result.issues[0]
  // Both quote what was sent.
  const words = `${v.getDotPath(issue) ?? 'request'}: ${issue.message}`
  throw new Error(`Unknown message: ${printable(words.slice(0, LONGEST_WORDS))}`)
}

// ---- Replies and notices --------------------------------------------------------------------------------------------

type JobReplies = { [T in JobType]: JobReply<T> }

/** What each request is answered with. */
export interface Replies
  extends JobReplies, RunReplies, QueueReplies, DataReplies, ExportReplies, ImportReplies, RunFileReplies {
  hello: {
    host: 'electron' | 'browser'
    version: string
    platform: string
    device: DeviceStatus | null
    /** What people must know of how the host was started. */
    warning: string | null
  }
  'workspace.load': LoadedWorkspace
  'workspace.save': SavedWorkspace
  'workspace.keep': { path: string }
  control: null
  'settings.load': LoadedSettings
  'settings.save': SavedSettings
  /** `about`: what this program is and what it stands on, a line each. */
  diagnostics: { text: string; folder: string; about: string[] }
  'about.text': LicenceText
  'folder.show': null
  /** A sentence. */
  'version.ask': { words: string }
  'runtime.status': RuntimeReply
  /** null: the dialog was cancelled. */
  'runtime.install': RuntimeReply | null
  'runtime.cancel': null
  /** The path saved to and its id; null when the dialog was cancelled. */
  'file.save': { path: string; id: string } | { path: null }
  'file.open': OpenedFile | null
  'recent.list': RecentFile[]
  'recent.open': OpenedFile
  'recent.remember': null
  'recent.remove': null
  'window.new': null
  'window.work': null
  'library.list': SavedBlocks
  'library.save': SavedBlock
  'library.rename': SavedBlock
  'library.remove': null
}

export type LabEvent = JobEvent

export interface ErrorDetail {
  message: string
  /** `input`: the user can mend it; `interrupted`: the trainer died and is being restarted; `failed`: anything else. */
  reason: 'input' | 'interrupted' | 'failed'
}

export type Response =
  | { kind: 'event'; id: string; event: LabEvent }
  | { kind: 'reply'; id: string; value: Replies[RequestType] }
  | { kind: 'error'; id: string; error: ErrorDetail }

export type Notice =
  | {
      kind: 'notice'
      type: 'trainer'
      state: 'starting' | 'ready' | 'restarting' | 'failed'
      device: DeviceStatus | null
      message: string
      /** How far getting TensorFlow's library is, 0 to 1; null when nothing is got. */
      progress: number | null
    }
  /** From the host's menu or a file opened with the program. */
  | ({ kind: 'notice'; type: 'open' } & OpenedFile)
  /** What the host has to say of something that it did, in a sentence. */
  | { kind: 'notice'; type: 'said'; text: string; tone: 'info' | 'error' }
  | { kind: 'notice'; type: 'menu'; command: MenuCommand }
  /** Another front end has saved the workspace. */
  | { kind: 'notice'; type: 'workspace'; revision: string }
  /** A newer version has been published, as a sentence. */
  | { kind: 'notice'; type: 'newer'; words: string }
  /** Another front end has changed the settings. */
  | { kind: 'notice'; type: 'settings'; settings: HostSettings }
  /** A view, chosen in the host's menu. */
  | { kind: 'notice'; type: 'show'; tab: TabId }
  /** Runs that are new or have changed, by whomever, and the ids of those that are there no more. */
  | { kind: 'notice'; type: 'runs'; changed: RunEntry[]; gone: string[] }
  /** The queue has changed, by whomever. */
  | { kind: 'notice'; type: 'queue'; queue: QueueList }
  /** How far the queue's entry under way is; null: nothing is. */
  | { kind: 'notice'; type: 'queue-progress'; progress: QueueProgress | null }
  /** A data set is new, or is gone. */
  | { kind: 'notice'; type: 'data' }
  /** A residual-lab:// link that the system passed on, unread. */
  | { kind: 'notice'; type: 'link'; link: string }

export type MenuCommand = 'open' | 'save' | 'new-window' | 'undo' | 'redo' | 'play' | 'toggle-theme'

export type Message = Response | Notice

// ---- Between host and trainer alone -------------------------------------------------------------------------------

/** Where a job keeps what it may go on from; a page names no paths. */
export interface Place {
  /** There, and this job's alone. */
  folder: string
  /** Whether it goes on from what is there. */
  resume: boolean
  /** It looks at what was trained there, trains no further, and writes nothing. */
  isReadOnly?: boolean
}

/** A request as the trainer gets it. */
export interface TrainerRequest extends Request {
  /** Null: nothing of it is kept on the way. */
  place: Place | null
}

/**
 * The trainer to its host: the GPU that it was to use by WebGPU does not compute. Another device is to compute, in a
 * new process.
 */
export interface WithoutGpu {
  kind: 'without-gpu'
  /** While it was used; else it was refused at the start. */
  isLost: boolean
  /** In sentences. */
  why: string
}

/**
 * The trainer to its host: the next job needs more than TensorFlow's pool of memory has. It has not begun, and nothing
 * else begins: a process without a pool is to do it.
 */
export interface BeyondPool {
  kind: 'beyond-pool'
}

/** The host to the trainer: how much memory do you hold? */
export interface MemoryQuestion {
  kind: 'memory'
}

/** The trainer to its host. */
export interface MemoryReport {
  kind: 'memory'
  /** Of the whole process. */
  bytes: number
  /** A job runs or waits. */
  isBusy: boolean
}
