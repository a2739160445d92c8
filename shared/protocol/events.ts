import type { GpuUse } from '../runs/computed'
import type { Experiment } from '../settings/experiment'
import type { SeriesHeader } from '../theory/series'

/** The device that computes. */
export interface DeviceStatus {
  backend: 'tensorflow' | 'webgpu' | 'cpu'
  /** 'CPU', or the GPU's name. */
  name: string
  version: string
  /** For people: "CPU, TensorFlow 2.21.0". */
  description: string
  /** What the plain backend costs and how to mend it; null when all is well. */
  note: string | null
}

/** How far something is that takes its time. */
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
  /** Memory that the process takes which works at it, in bytes; absent where no trainer does. */
  bytes?: number
  /** How busy the NVIDIA GPU is that computes; absent where nothing tells it. */
  gpu?: GpuUse
}

/** Sent before anything is measured; of trainings with theory already in it, else that follows (`theory`). */
export interface StartedEvent {
  type: 'started'
  device: DeviceStatus
  /** The experiment as it is run (training sets input and stem). */
  experiment: Experiment
  series: SeriesHeader[]
  /** See `targetDeviation`; of trainings alone, and absent in runs of older programs. */
  targetDeviation?: number | null
}

/** A training's checkpoint was written, or could not be. */
export interface CheckpointEvent {
  type: 'checkpoint'
  /** Updates that it holds, or would have held. */
  step: number
  /** A sentence; null: it is written. */
  problem: string | null
}
