/**
 * Every message between the renderer, the host and the trainer. A front end sends requests, each with an id; it gets any number of events
 * with that id, then exactly one reply or error. Notices come unasked. Numbers may be non-finite: JSON transports use
 * `encodeMessage`/`decodeMessage`, which keep them.
 */
import type { LesionResult } from '../lesion/results'
import type { ShatterResult, ShatterNetwork, ShatterSeries } from '../shatter/results'
import type { SeriesResult, ForwardPoint, BackwardPoint } from '../signal/results'
import type { TrainedSeries, FirstNonFinite } from '../network/results'
import type { SeriesHeader } from '../theory/series'
import type { SeriesGraph } from '../network/series'
import * as v from 'valibot'
import type { Experiment } from '../settings/experiment'
import type { BlockGraph } from '../graph/block-graph'
import type { Lesion } from '../lesion/lesion'
import type { ShatterSettings } from '../settings/shatter'
import type { PointSummary, Summary } from '../numerics/statistics'

export interface DeviceStatus {
  backend: 'tensorflow' | 'cpu'
  /** 'CPU', or the GPU's name. */
  name: string
  version: string
  /** For people: "CPU, TensorFlow 2.21.0". */
  description: string
  /** What the plain backend costs and how to mend it; null when all is well. */
  note: string | null
}

// ---- Requests ---------------------------------------------------------------------------------------------------------------------

const text = v.pipe(v.string(), v.maxLength(4096))
const document = v.record(v.string(), v.unknown())
const requestBody = v.variant('type', [
  /** What this host is and which device computes. */
  v.object({ type: v.literal('hello') }),
  /** The autosaved workspace; null at the first start. */
  v.object({ type: v.literal('workspace.load') }),
  v.object({ type: v.literal('workspace.save'), document }),
  /** Draws the networks and measures them. Events: SignalEvent. */
  v.object({ type: v.literal('signal'), experiment: document }),
  /** Draws networks of one input and measures dy/dx along a line (`settings`: ShatterSettings). Events: ShatterEvent. */
  v.object({ type: v.literal('shatter'), experiment: document, settings: document }),
  /** Draws the networks and changes some of their blocks (`lesion`: as `parseLesions` takes it). Events: LesionEvent. */
  v.object({
    type: v.literal('lesion'),
    experiment: document,
    lesion: document,
    /** Trains the networks first, as the experiment says. */
    training: v.optional(v.boolean()),
  }),
  /** Draws the networks and trains them; `weights`: the reply holds the first replica's parameters. Events: TrainEvent. */
  v.object({ type: v.literal('train'), experiment: document, weights: v.optional(v.boolean()) }),
  /** To a running job (a request's id). `step`: one block or one training step, then paused. */
  v.object({
    type: v.literal('control'),
    job: text,
    action: v.picklist(['pause', 'resume', 'step', 'stop']),
  }),
  v.object({ type: v.literal('runtime.status') }),
  /** Events: ProgressEvent. */
  v.object({ type: v.literal('runtime.install') }),
  v.object({ type: v.literal('runtime.use'), path: text }),
  /** Native dialogs, in Electron only; in a browser the renderer saves and opens by itself. */
  v.object({
    type: v.literal('file.save'),
    name: text,
    encoding: v.picklist(['text', 'base64']),
    content: v.pipe(v.string(), v.maxLength(64 * 2 ** 20)),
  }),
  v.object({ type: v.literal('file.open') }),
  /** The user's own blocks, kept beside the workspace. */
  v.object({ type: v.literal('library.list') }),
  /** `replace`: id of the saved block whose place it takes; without it, a name that is taken gets a number. */
  v.object({ type: v.literal('library.save'), block: document, replace: v.nullable(text) }),
  v.object({ type: v.literal('library.rename'), block: text, name: text }),
  v.object({ type: v.literal('library.remove'), block: text }),
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

/** @throws Error for anything that is not a request known here */
export function parseRequest(message: unknown): Request {
  const result = v.safeParse(request, message)
  if (result.success) return result.output
  const issue = result.issues[0]
  throw new Error(`Unknown message: ${v.getDotPath(issue) ?? 'request'}: ${issue.message}`)
}

// ---- Replies and events -----------------------------------------------------------------------------------------------------------

export interface RuntimeReply {
  library: { path: string; version: string; source: string; device: string } | null
  problem: string | null
  hint: string | null
  cacheFolder: string
}

export interface Replies {
  hello: { host: 'electron' | 'browser'; version: string; platform: string; device: DeviceStatus | null }
  'workspace.load': { document: Record<string, unknown> | null; problem: string | null }
  'workspace.save': null
  signal: { finished: boolean; series: SeriesResult[]; seconds: number }
  train: { finished: boolean; steps: number; series: TrainedSeries[]; seconds: number }
  shatter: ShatterResult & { seconds: number }
  lesion: LesionResult & { seconds: number }
  control: null
  'runtime.status': RuntimeReply
  'runtime.install': RuntimeReply
  'runtime.use': RuntimeReply
  /** The path saved to or opened; null when the dialog was cancelled. */
  'file.save': { path: string | null }
  'file.open': { path: string; text: string } | null
  'library.list': LibraryReply
  'library.save': LibraryBlock
  'library.rename': LibraryBlock
  'library.remove': null
}

export interface LibraryBlock {
  id: string
  /** When, in ISO 8601. */
  saved: string
  block: BlockGraph
}

export interface LibraryReply {
  /** The newest first. */
  blocks: LibraryBlock[]
  /** Files that could not be read, and why. */
  problems: string[]
}

/** Requests that the trainer queues and that can be paused and stopped. */
export type JobType = 'signal' | 'train' | 'shatter' | 'lesion'

/** What a job answers that was stopped before it started. */
export function unstarted(type: JobType): Replies[JobType] {
  const nothing = { finished: false, seconds: 0 }
  switch (type) {
    case 'signal':
      return { ...nothing, series: [] }
    case 'lesion':
      return { ...nothing, lesions: [], each: 0, series: [] }
    case 'train':
      return { ...nothing, steps: 0, series: [] }
    case 'shatter': {
      const none = { mean: [], low: [], high: [] }
      return { ...nothing, x: [], references: { white: none, brown: none }, series: [] }
    }
  }
}

export interface ProgressEvent {
  type: 'progress'
  /** What is being done, for people. */
  message: string
  done: number
  total: number
  /** In `unit` per second; null until it is known. */
  rate: number | null
  unit: string
  secondsLeft: number | null
}

/** Sent before anything is measured, with theory already in it. */
export interface StartedEvent {
  type: 'started'
  device: DeviceStatus
  /** The experiment as it is run (training sets input and stem). */
  experiment: Experiment
  series: SeriesHeader[]
}

export type SignalEvent =
  | StartedEvent
  | ProgressEvent
  | { type: 'forward'; series: number; block: number; point: ForwardPoint }
  | { type: 'backward'; series: number; block: number; point: BackwardPoint }
  | ({ type: 'non-finite' } & FirstNonFinite)

/** One picture of all series after `step` updates (0: initialisation). Summaries over replicas, arrays over k = 0..L (blocks 1..L for weights). */
export interface TrainFrame {
  type: 'frame'
  step: number
  series: {
    q: Summary
    v: Summary
    m: Summary
    p: Summary
    weightGradientNorm2: Summary
    /** Cross-entropy in nats and share of correct answers on the step's batch, over replicas. */
    loss: PointSummary
    accuracy: PointSummary
  }[]
}

export type TrainEvent =
  StartedEvent | ProgressEvent | TrainFrame | ({ type: 'non-finite'; step: number } & FirstNonFinite)

export type ShatterEvent =
  | {
      type: 'shatter-started'
      device: DeviceStatus
      experiment: Experiment
      settings: ShatterSettings
      series: ShatterNetwork[]
      x: number[]
      references: ShatterResult['references']
    }
  | ProgressEvent
  | { type: 'shattered'; series: number; result: ShatterSeries }

export type LesionEvent =
  | {
      type: 'lesion-started'
      device: DeviceStatus
      experiment: Experiment
      lesions: Lesion[]
      series: SeriesGraph[]
    }
  | ProgressEvent

export type LabEvent = SignalEvent | TrainEvent | ShatterEvent | LesionEvent

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
  | { kind: 'notice'; type: 'open'; path: string; text: string }
  | { kind: 'notice'; type: 'menu'; command: MenuCommand }
  /** A residual-lab:// link that the system passed on, unread. */
  | { kind: 'notice'; type: 'link'; link: string }

export type MenuCommand = 'open' | 'save' | 'undo' | 'redo' | 'play' | 'toggle-theme'

export type Message = Response | Notice

// ---- JSON transports --------------------------------------------------------------------------------------------------------------

const MARK = '$number'

/** JSON text in which non-finite numbers survive. */
export function encodeMessage(message: unknown): string {
  return JSON.stringify(message, (_key, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? { [MARK]: String(value) } : value,
  )
}

export function decodeMessage(json: string): unknown {
  return JSON.parse(json, (_key, value) =>
    typeof value === 'object' && value !== null && typeof value[MARK] === 'string'
      ? Number(value[MARK])
      : value,
  )
}

/** For documents that others read: non-finite numbers as the strings the command-line contract names. */
export function nonFiniteAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
