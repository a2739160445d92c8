import type { Experiment } from '../../shared/experiment'
import type { DeviceStatus, ErrorDetail, LabEvent, Replies } from '../../shared/protocol'
import type { Library } from '../runtime'
import type { ControlBuffer } from './engine/control'

/** What a worker thread is started with. */
export interface WorkerData {
  library: Library | null
}

/** The trainer's main thread to a worker. */
export interface Job {
  id: string
  type: 'signal' | 'train'
  experiment: Experiment
  control: ControlBuffer
}

/** A worker to the trainer's main thread. */
export type WorkerMessage =
  | { type: 'ready'; device: DeviceStatus }
  | { type: 'event'; id: string; event: LabEvent }
  | { type: 'reply'; id: string; value: Replies['signal'] | Replies['train'] }
  | { type: 'error'; id: string; error: ErrorDetail }
