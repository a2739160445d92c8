import type { MessagePort } from 'node:worker_threads'
import type { JobReply, PreparedJob } from '../../shared/protocol/jobs'
import type { TrainerSettings } from '../../shared/protocol/host-settings'
import type { DeviceStatus, ErrorDetail, LabEvent, Place } from '../../shared/protocol/protocol'
import type { TensorFlowLibrary } from '../runtime'
import type { ControlBuffer } from './engine/control'
import type { Latch } from './latch'

/** What the process is started with. */
export interface TrainerData {
  library: TensorFlowLibrary | null
  settings: TrainerSettings
}

/** What a worker thread is started with. */
export interface WorkerData extends TrainerData {
  /** What networks may need in TensorFlow's pool of memory, in bytes; null: it has none. */
  pool: number | null
  /** To the thread that computes theories. */
  theories: MessagePort
  /** Opened by the thread, which runs from then on. */
  running: Latch
  /** Open once the process has loaded TensorFlow's library. */
  loaded: Latch
}

/** The host to the trainer's main thread: once, before anything else. */
export interface Configuration extends TrainerData {
  kind: 'configure'
  /** TensorFlow may use a pool of memory, where that is of use (`usePool`). */
  isPooled: boolean
  /** Lets other processes go first: nobody sits and waits. */
  isBackground: boolean
}

/** The trainer's main thread to a worker. */
export interface QueuedJob {
  /** The request's id, which events and the reply carry. */
  id: string
  control: ControlBuffer
  job: PreparedJob
  place: Place | null
}

/** A worker to the trainer's main thread. */
export type WorkerMessage =
  | { type: 'ready'; device: DeviceStatus }
  | { type: 'without-gpu'; isLost: boolean; why: string }
  | { type: 'event'; id: string; event: LabEvent }
  | { type: 'reply'; id: string; value: JobReply }
  | { type: 'error'; id: string; error: ErrorDetail }
  | { type: 'beyond-pool'; id: string }
