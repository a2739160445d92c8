import type { Experiment } from '../../shared/settings/experiment'
import type { DeviceStatus, ErrorDetail, JobType, LabEvent, Replies } from '../../shared/protocol/protocol'
import type { LesionSet } from '../../shared/lesion/lesion'
import type { ShatterSettings } from '../../shared/settings/shatter'
import type { TensorFlowLibrary } from '../runtime'
import type { ControlBuffer } from './engine/control'

/** What a worker thread is started with. */
export interface WorkerData {
  library: TensorFlowLibrary | null
}

/** The trainer's main thread to a worker. */
export type Job = { id: string; experiment: Experiment; control: ControlBuffer } & (
  | { type: 'signal' }
  | { type: 'train'; weights: boolean }
  | { type: 'shatter'; settings: ShatterSettings }
  | { type: 'lesion'; set: LesionSet; training: boolean }
)

/** A worker to the trainer's main thread. */
export type WorkerMessage =
  | { type: 'ready'; device: DeviceStatus }
  | { type: 'event'; id: string; event: LabEvent }
  | { type: 'reply'; id: string; value: Replies[JobType] }
  | { type: 'error'; id: string; error: ErrorDetail }
